// Writes the JSON Schemas of the package: `npm run schema`. Editors complete and check allowlists by the one; readers of
// audit reports check them by the other.
import { writeFileSync } from 'node:fs';
import { allowlistJsonSchema } from '../src/allowlist/json-schema.ts';
import { auditReportJsonSchema } from '../src/report/report-schema.ts';

const SCHEMAS = {
  'allowlist.schema.json': allowlistJsonSchema(),
  'audit-report.schema.json': auditReportJsonSchema(),
};

for (const [name, schema] of Object.entries(SCHEMAS)) {
  writeFileSync(new URL(`../schema/${name}`, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
