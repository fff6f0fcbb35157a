import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { readAllowlistFile } from '../../src/allowlist/allowlist-file.ts';
import { AllowlistError } from '../../src/allowlist/loaded-allowlist.ts';
import { folderWith } from '../support/tools/folder.ts';
import { it } from './in-temporary-folder.ts';

describe('the file of an allowlist', () => {
  it('is read', async ({ folder }) => {
    const path = join(folder, 'allowlist.yaml');
    await writeFile(path, 'version: 1\nrules: []\n');

    expect((await readAllowlistFile(path)).allowlist).toEqual({ version: 1, rules: [] });
  });

  it.each([
    ['UTF-8 with a byte order mark', Buffer.from('\uFEFFversion: 1\nrules: []\n')],
    ['UTF-16 as PowerShell writes it', Buffer.from('\uFEFFversion: 1\r\nrules: []\r\n', 'utf16le')],
    ['UTF-16 without a byte order mark', Buffer.from('version: 1\nrules: []\n', 'utf16le')],
    ['UTF-16 with the high byte first', Buffer.from('\uFEFFversion: 1\nrules: []\n', 'utf16le').swap16()],
    ['that without a byte order mark', Buffer.from('version: 1\nrules: []\n', 'utf16le').swap16()],
  ])('may be in %s', async (_, bytes) => {
    const { folder } = await folderWith({ 'allowlist.yaml': bytes });

    const { allowlist } = await readAllowlistFile(join(folder, 'allowlist.yaml'));

    expect(allowlist).toEqual({ version: 1, rules: [] });
  });

  it('is named as what it is when it is packed', async () => {
    const { packed } = await folderWith({ packed: gzipSync('version: 1\nrules: []\n') });

    await expect(readAllowlistFile(packed)).rejects.toThrow(`${packed}:1:1: packed by gzip: unpack it first`);
  });

  it('is named, with line and column, when it is not valid', async ({ folder }) => {
    const path = join(folder, 'allowlist.yaml');
    await writeFile(path, 'version: 1\n');

    await expect(readAllowlistFile(path)).rejects.toThrow(
      `${path}:1:1: rules: must be a list of rules, and is missing`,
    );
  });

  it('is named when there is no such file', async ({ folder }) => {
    const path = join(folder, 'missing.yaml');
    const error = await readAllowlistFile(path).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(AllowlistError);
    expect(error).toMatchObject({
      message: `the allowlist ${path} cannot be read: there is no such file`,
      problems: [],
      cause: { code: 'ENOENT' },
    });
  });

  it('is named when it is a directory', async ({ folder }) => {
    const path = join(folder, 'directory');
    await mkdir(path);
    const error = await readAllowlistFile(path).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(AllowlistError);
    expect(error).toMatchObject({
      message: `the allowlist ${path} cannot be read: it is a directory`,
      cause: { code: 'EISDIR' },
    });
  });

  it('is an error, never an allowlist without rules, when it is empty', async ({ folder }) => {
    const path = join(folder, 'empty.yaml');
    await writeFile(path, '');

    await expect(readAllowlistFile(path)).rejects.toBeInstanceOf(AllowlistError);
  });
});
