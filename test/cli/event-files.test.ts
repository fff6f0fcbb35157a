import { execFileSync } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { findEventFiles, openEventFile } from '../../src/cli/event-files.ts';
import { readFileText } from '../../src/cli/file-text.ts';
import type { Io } from '../../src/cli/io.ts';
import { collect } from '../support/tools/collect.ts';
import { folderWith } from '../support/tools/folder.ts';

/** The files under these paths, without what is before their names in this folder; and what standard error says. */
async function find(folder: string, ...paths: readonly string[]) {
  const stderr = new PassThrough();
  const io: Io = {
    stdin: Readable.from([]),
    stdout: new PassThrough(),
    stderr,
    environment: {},
    interrupted: new AbortController().signal,
  };
  const found = await findEventFiles(paths.length === 0 ? [folder] : paths, io);
  stderr.end();
  const files = found.map(({ path, ...rest }) => ({ path: path.replace(`${folder}/`, ''), ...rest }));
  return { files, said: (await collect(stderr)).join('').replaceAll(`${folder}/`, '') };
}

describe('the files of a folder', () => {
  test('are all of them, whatever their names, in folders in it too, in the order of their names', async () => {
    const { folder } = await folderWith({
      'b.jsonl': 'bb',
      'a/us-east-1/2026/11/03/log.json.gz': '',
      'a/us-east-1/2026/11/02/log.json': '',
      'c.log': '',
      'RECORDS.JSON': '',
      '111122223333_CloudTrail.gz': '',
      'trail-1-2026-11-27-10-00-00-0a1b2c3d': '',
    });
    await symlink(join(folder, 'b.jsonl'), join(folder, 'link.jsonl'));

    const { files, said } = await find(folder);

    expect(files.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['111122223333_CloudTrail.gz', 0],
      ['RECORDS.JSON', 0],
      ['a/us-east-1/2026/11/02/log.json', 0],
      ['a/us-east-1/2026/11/03/log.json.gz', 0],
      ['b.jsonl', 2],
      ['c.log', 0],
      ['link.jsonl', 2],
      ['trail-1-2026-11-27-10-00-00-0a1b2c3d', 0],
    ]);
    expect(said).toBe('');
  });

  test('are not what a trail keeps next to its log files, nor what is hidden, and standard error names these', async () => {
    const logs = 'AWSLogs/111122223333';
    const log = `${logs}/CloudTrail/us-east-1/2026/11/23/111122223333_CloudTrail_us-east-1_20261123T0800Z_abc.json.gz`;
    const { folder } = await folderWith({
      [log]: '',
      [`${logs}/CloudTrail-Digest/us-east-1/2026/11/23/111122223333_CloudTrail-Digest_us-east-1_trail.json.gz`]: '',
      [`${logs}/CloudTrail-Insight/us-east-1/2026/11/23/111122223333_CloudTrail-Insight_us-east-1.json.gz`]: '',
      ...Object.fromEntries([1, 2, 3, 4].map((i) => [`${i}_CloudTrail-Digest_us-east-1.json.gz`, ''])),
      'export/aws-logs-write-test': 'Permission Check Successful',
      '.DS_Store': '',
      '.git/config': '',
    });

    const { files, said } = await find(folder);

    expect(files.map(({ path }) => path)).toEqual([log]);
    expect(said.split('\n').sort()).toEqual([
      '',
      'passed over, Insights of CloudTrail: AWSLogs/111122223333/CloudTrail-Insight',
      'passed over, digests of CloudTrail: 1_CloudTrail-Digest_us-east-1.json.gz, 2_CloudTrail-Digest_us-east-1.json.gz, 3_CloudTrail-Digest_us-east-1.json.gz, and 2 more',
      'passed over, hidden: .DS_Store, .git',
      'passed over, the permission check of an export from CloudWatch Logs: export/aws-logs-write-test',
    ]);
  });

  test('are named with why where they cannot be read: links that lead nowhere or to a folder, and what is no file', async () => {
    const { folder } = await folderWith({ 'a/log': '' });
    await symlink('.', join(folder, 'circle'));
    await symlink('/nowhere', join(folder, 'dangling'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);

    const { files } = await find(folder);

    expect(files).toEqual([
      { path: 'a/log', bytes: 0 },
      { path: 'circle', bytes: 0, problem: 'a link to a folder: name that folder' },
      { path: 'dangling', bytes: 0, problem: 'there is no such file' },
      { path: 'fifo', bytes: 0, problem: 'not a file' },
    ]);
  });

  test('must be there: a folder without any is an error', async () => {
    const { folder } = await folderWith({ 'a/.hidden': '' });
    await mkdir(join(folder, 'empty'));

    await expect(find(folder, join(folder, 'empty'))).rejects.toThrow(/empty holds no file to read$/);
    await expect(find(folder)).rejects.toThrow(/holds no file to read$/);
  });
});

describe('a file', () => {
  test('is taken whatever its name, also behind a link, and standard input is -', async () => {
    const { folder, '.log': hidden } = await folderWith({ '.log': 'abc' });
    await symlink(hidden, join(folder, 'link'));

    const { files } = await find(folder, hidden, '-', join(folder, 'link'));

    expect(files).toEqual([
      { path: '.log', bytes: 3 },
      { path: '-', bytes: 0 },
      { path: 'link', bytes: 3 },
    ]);
  });

  test('is an error where there is none', async () => {
    const { folder } = await folderWith({});

    await expect(find(folder, join(folder, 'missing'))).rejects.toThrow(
      /missing cannot be read: there is no such file$/,
    );
  });

  test('says how much of it was read', async () => {
    const { log } = await folderWith({ log: 'x'.repeat(200_000) });
    let bytes = 0;

    await collect(readFileText(openEventFile(log, (more) => (bytes += more))));

    expect(bytes).toBe(200_000);
  });

  test('is read from its beginning, however late somebody begins', async () => {
    const { log } = await folderWith({ log: 'abc' });
    const stream = openEventFile(log);

    // So long that a stream which flows would have flowed away.
    await wait(50);

    expect((await collect(readFileText(stream))).join('')).toBe('abc');
  });

  test('is read no further when nobody wants more', async () => {
    const { log } = await folderWith({ log: 'x'.repeat(1_000_000) });
    const stream = openEventFile(log);

    for await (const _ of readFileText(stream)) break;

    expect(stream.destroyed).toBe(true);
  });
});
