import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { importsOf, readSourceFiles } from '../tools/imports.ts';

/** What `serverless package` reads of a checkout. */
const SOURCES = ['handlers', 'src', 'stack', 'serverless.yml', 'settings.yml', 'package.json', 'allowlist.yaml'];
/** What packages, and is not packaged itself. */
const TOOLS = ['serverless-esbuild', 'esbuild'];

/** Makes a second checkout in another folder, with packages of its own, as far as `serverless package` needs it. */
export async function makeSecondCheckout(folder: string): Promise<void> {
  const dependencies = await neededPackages();
  const copy = (path: string, unneeded: RegExp) =>
    cp(path, join(folder, path), { recursive: true, filter: (file) => !unneeded.test(file) });
  // Copies, because esbuild knows a linked file by where it really is.
  await Promise.all(SOURCES.map((path) => copy(path, /node_modules/)));
  await Promise.all(dependencies.map((path) => copy(path, /dist-types|\.d\.[cm]?ts$|\.map$/)));
  for (const path of TOOLS.map((tool) => `node_modules/${tool}`)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(resolve(path), join(folder, path));
  }
}

/** Where the packages are that the sources import, with all that these depend on. What is in a package of its own goes with it. */
async function neededPackages(): Promise<string[]> {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));
  const imported = readSourceFiles(['handlers', 'src', 'stack/packaging']).flatMap(importsOf);
  // Of `zod/mini` and `@scope/name/part` the package.
  const names = imported.flatMap((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? []);
  const needed = new Set<string>();
  const open = [...names, 'yaml'];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const path = `node_modules/${name}`;
    if (needed.has(path) || packages[path] === undefined || TOOLS.includes(name)) continue;
    needed.add(path);
    open.push(...Object.keys(packages[path].dependencies ?? {}));
  }
  return [...needed];
}
