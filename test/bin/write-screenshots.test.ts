import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { runBash } from '../support/commands/run-bash.ts';
import { folderWith } from '../support/tools/folder.ts';

const IN_THE_DOCS = 'docs/images';
const NAMES = (await readdir(IN_THE_DOCS)).sort();

/** Width and height, in pixels (PNG Specification, 11.2.2 IHDR). */
function sizeOf(png: Buffer): readonly [width: number, height: number] {
  expect(png.toString('hex', 0, 8)).toBe('89504e470d0a1a0a');
  expect(png.toString('latin1', 12, 16)).toBe('IHDR');
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

const lastChanges = async () =>
  await Promise.all(NAMES.map(async (name) => (await stat(join(IN_THE_DOCS, name))).mtimeMs));

test('npm run screenshots makes every picture of the docs, in another folder if one is named', async () => {
  const { folder } = await folderWith({});
  const images = join(folder, 'images');
  const before = await lastChanges();
  const environment = {
    ...process.env,
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    NODE_DISABLE_COMPILE_CACHE: '1',
  };

  const { exitCode, output } = await runBash(
    `npm run --silent screenshots -- "${images}"`,
    process.cwd(),
    environment as never,
  );

  expect([exitCode, output]).toEqual([0, '']);
  expect(NAMES).toContain('console-dark.png');
  expect((await readdir(images)).sort()).toEqual(NAMES);
  for (const name of NAMES) {
    const png = await readFile(join(images, name));
    expect(sizeOf(png), name).toEqual([1280, 800]);
    // A page of one colour takes less.
    expect(png.length, name).toBeGreaterThan(20_000);
  }
  expect(await lastChanges()).toEqual(before);
});
