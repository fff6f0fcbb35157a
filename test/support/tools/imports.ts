import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** A source file, by its path from the root of the repository, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file in these folders. */
export function readSourceFiles(folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

/** What stands for the module in `import(name)`: which one it is shows only when it runs. */
export const COMPUTED = '(computed)';

// The formatter puts every import and export statement at the beginning of a line, which no line of a comment or of an
// indented template is. The compiler drops imports of types, so no bundler can be asked for them.
const STATEMENT = /^(?:import|export)\b(?:[^'";]*?\bfrom)?\s*['"]([^'"]+)['"]/gm;
const CALL = /\b(?:import|require)\(\s*(?:['"]([^'"]+)['"])?/g;

/** The modules that a file names: in imports, also of types or when it runs, and in exports from elsewhere. */
export function importsOf({ text }: SourceFile): string[] {
  const found = [...text.matchAll(STATEMENT), ...text.matchAll(CALL)];
  return [...new Set(found.map(([, specifier]) => specifier ?? COMPUTED))];
}

/** The file that a relative import means, by its path from the root of the repository; `undefined` for a package. */
export function resolveRelative(specifier: string, importer: string): string | undefined {
  return /^\.{1,2}\//.test(specifier) ? posix.join(posix.dirname(importer), specifier) : undefined;
}

/**
 * The circles among these files: each a list of files of which every one imports every other, directly or by way of others.
 * Imports of types count. Files and lists are in the order of their paths.
 */
export function circlesOf(files: readonly SourceFile[]): string[][] {
  const imports = new Map(
    files.map((file) => [file.path, importsOf(file).flatMap((name) => resolveRelative(name, file.path) ?? [])]),
  );
  const reached = new Map(files.map(({ path }) => [path, reachedFrom(path, imports)]));
  const circles = files.flatMap(({ path }) => {
    const circle = [...(reached.get(path) ?? [])].filter((other) => reached.get(other)?.has(path)).sort();
    return circle[0] === path ? [circle] : [];
  });
  return circles.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

/** All that a file imports, directly or by way of others: itself only if it is in a circle. */
function reachedFrom(path: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const open = [path];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const imported of imports.get(next) ?? []) {
      if (reached.has(imported)) continue;
      reached.add(imported);
      open.push(imported);
    }
  }
  return reached;
}
