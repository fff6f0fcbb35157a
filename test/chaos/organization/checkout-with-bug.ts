import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPLACE = new URL('replace-modules.ts', import.meta.url);
const HANDLERS = [
  'enforce-ingress',
  'enforce-security-group',
  'list-targets',
  'judge-account',
  'act-account',
  'close-run',
];

/** Makes a folder in which the stack is that of the checkout, and its functions have a bug. */
export async function checkoutWithBug(folder: string, bug: string): Promise<string> {
  const checkout = join(folder, 'checkout');
  await mkdir(join(checkout, 'handlers'), { recursive: true });
  for (const name of ['serverless.yml', 'stack', 'node_modules', 'package.json']) {
    await symlink(resolve(name), join(checkout, name));
  }
  for (const name of HANDLERS) {
    const right = new URL(`../../../handlers/${name}.ts`, import.meta.url).href;
    const lines = [
      `process.env.PLANTED_BUG = ${JSON.stringify(bug)};`,
      `await import(${JSON.stringify(REPLACE.href)});`,
      `export const { handler } = await import(${JSON.stringify(right)});`,
    ];
    await writeFile(join(checkout, 'handlers', `${name}.ts`), `${lines.join('\n')}\n`);
  }
  return checkout;
}

/** The bugs that there are. */
export const BUGS = fileURLToPath(new URL('bugs/', import.meta.url));
