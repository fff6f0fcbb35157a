import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { readAllowlistFile } from '../../src/allowlist/allowlist-file.ts';
import { allowlistSource } from '../../src/allowlist/allowlist-source.ts';
import { AllowlistError } from '../../src/allowlist/parse-allowlist-text.ts';
import { it } from './in-temporary-folder.ts';

const VALID = 'version: 1\nrules: []\n';
const OTHER = 'version: 1\nrules: []\n# another\n';

describe('an allowlist source', () => {
  it('reads a file once and keeps what it read', async ({ folder }) => {
    const path = join(folder, 'allowlist.yaml');
    await writeFile(path, VALID);
    const read = allowlistSource();

    const first = await read(path);
    await rm(path);

    expect(await read(path)).toBe(first);
  });

  it('reads once also for those who ask at the same time', async ({ folder }) => {
    const path = join(folder, 'allowlist.yaml');
    await writeFile(path, VALID);
    const read = allowlistSource();

    const [first, second] = await Promise.all([read(path), read(path)]);

    expect(second).toBe(first);
  });

  it('keeps the allowlists of different places apart', async ({ folder }) => {
    const [one, other] = [join(folder, 'one.yaml'), join(folder, 'other.yaml')];
    await writeFile(one, VALID);
    await writeFile(other, OTHER);
    const read = allowlistSource();

    expect((await read(one)).sha256).not.toBe((await read(other)).sha256);
  });

  it('keeps no failure: when the file is there, or mended, the next who asks gets it', async ({ folder }) => {
    const path = join(folder, 'allowlist.yaml');
    const read = allowlistSource();

    await expect(read(path)).rejects.toThrow('there is no such file');
    await writeFile(path, 'version: 2\nrules: []\n');
    await expect(read(path)).rejects.toBeInstanceOf(AllowlistError);
    await writeFile(path, VALID);

    expect((await read(path)).allowlist).toEqual({ version: 1, rules: [] });
  });

  it('has nothing in common with another source', async ({ folder }) => {
    const path = join(folder, 'allowlist.yaml');
    await writeFile(path, VALID);
    const first = await allowlistSource()(path);
    await writeFile(path, OTHER);

    expect((await allowlistSource()(path)).sha256).not.toBe(first.sha256);
  });

  it('gives the allowlist of the checkout when no place is named', async () => {
    const { sha256 } = await readAllowlistFile('allowlist.yaml');

    expect((await allowlistSource()(undefined)).sha256).toBe(sha256);
  });
});
