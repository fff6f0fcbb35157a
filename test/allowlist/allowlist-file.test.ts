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

  const MARKED = 'version: 1\nrules: []\n# caf\u00e9\n';

  it.each([
    ['Windows-1252', Buffer.from(MARKED, 'latin1'), '3:6: the next character is not valid UTF-8'],
    ['that at its end', Buffer.from(MARKED.trim(), 'latin1'), '3:6: the next character is not valid UTF-8'],
    [
      'that after characters of several bytes',
      latin1After('# \u{1F600}\u20ac\n# \u{1F600}'),
      '2:5: the next character',
    ],
    ['that after a byte order mark', latin1After('\uFEFF# a'), '1:4: the next character is not valid UTF-8'],
    ['UTF-8 that is cut off', Buffer.from(MARKED.trim()).subarray(0, -1), '3:6: the next character is not valid UTF-8'],
    [
      'UTF-16 with half a character',
      utf16Of('version: 1\r\n# \uD83D!'),
      '2:3: the next character is not valid UTF-16LE',
    ],
    ['UTF-16 that is cut off', Buffer.from('\uFEFFversion: 1', 'utf16le').subarray(0, -1), '1:10: the next character'],
  ])('is an error with its place, in %s: no name is read as another', async (_, bytes, problem) => {
    const { allowlist } = await folderWith({ allowlist: bytes });

    await expect(readAllowlistFile(allowlist)).rejects.toThrow(`${allowlist}:${problem}`);
  });

  it('may hold the character that stands for invalid ones, if that is what is written there', async () => {
    const { allowlist } = await folderWith({ allowlist: '# \uFFFD\nversion: 1\nrules: []\n' });

    expect((await readAllowlistFile(allowlist)).allowlist).toEqual({ version: 1, rules: [] });
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

/** A text in UTF-8, and then a letter as Windows writes it. */
function latin1After(text: string): Buffer {
  return Buffer.concat([Buffer.from(text), Buffer.from('\u00e9\n', 'latin1')]);
}

function utf16Of(text: string): Buffer {
  return Buffer.from(`\uFEFF${text}`, 'utf16le');
}
