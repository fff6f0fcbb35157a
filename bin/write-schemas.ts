// Writes the JSON Schemas of the package: `npm run schema`. Editors complete and check allowlists by the first; readers of
// audit reports, and of outcomes on the bus, check them by the others.
import { writeFileSync } from 'node:fs';
import { allowlistJsonSchema } from '../src/allowlist/json-schema.ts';
import { outcomeEventJsonSchema } from '../src/report/outcome-schema.ts';
import { auditReportJsonSchema } from '../src/report/report-schema.ts';

const SCHEMAS = {
  'allowlist.schema.json': allowlistJsonSchema(),
  'audit-report.schema.json': auditReportJsonSchema(),
  'outcome-event.schema.json': outcomeEventJsonSchema(),
};

for (const [name, schema] of Object.entries(SCHEMAS)) {
  writeFileSync(new URL(`../schema/${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
