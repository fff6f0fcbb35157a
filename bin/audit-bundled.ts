// Fails if a package that users get has a known vulnerability: `npm audit --json | node bin/audit-bundled.ts`. What only develops and
// tests is not asked about: its advisories would hide those that matter.
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { bundle, bundledPackages } from './bundle.ts';

/** From here on it fails. What is below is reported. */
const SERIOUS = ['high', 'critical'];

/** Of the answer of `npm audit --json`, what is read here. */
const auditSchema = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({
      name: z.string(),
      severity: z.string(),
      /** Where it is installed. */
      nodes: z.array(z.string()),
      /** Its own advisories, and the names of packages that it has others from. */
      via: z.array(z.union([z.string(), z.object({ title: z.string(), url: z.string() })])),
    }),
  ),
});

const read = auditSchema.safeParse(parseJson(await text(process.stdin)));
if (!read.success) throw new Error(`this is no answer of npm audit --json:\n${z.prettifyError(read.error)}`);
const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
const bundled = (await bundledPackages(await bundle(undefined))).map(({ path }) => path);
const shipped = new Set([...bundled, ...Object.keys(dependencies).map((name) => `node_modules/${name}`)]);

const found = Object.values(read.data.vulnerabilities).filter(({ nodes }) => nodes.some((node) => shipped.has(node)));
for (const { name, severity, via } of found) {
  const why = via.map((one) => (typeof one === 'string' ? `by ${one}` : `${one.title}, ${one.url}`));
  console.log(`${name}: ${severity}: ${why.join('; ')}`);
}
const serious = found.filter(({ severity }) => SERIOUS.includes(severity));
console.log(`${shipped.size} packages reach users: ${found.length} vulnerable, ${serious.length} of them seriously`);
if (serious.length > 0) process.exitCode = 1;

function parseJson(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}
