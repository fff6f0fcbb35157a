// Writes the JSON Schema of the allowlist, by which editors complete and check it: `npm run schema`.
import { writeFileSync } from 'node:fs';
import { allowlistJsonSchema } from '../src/allowlist/json-schema.ts';

writeFileSync(
  new URL('../schema/allowlist.schema.json', import.meta.url),
  `${JSON.stringify(allowlistJsonSchema(), null, 2)}\n`,
);
