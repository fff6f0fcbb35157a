import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { expectHelp, expectRefusal, runCli } from '../support/commands/run-cli.ts';
import { folderWith } from '../support/tools/folder.ts';

describe('ingress-guard init', () => {
  test('writes an allowlist without a warning, and cases that hold and reach every rule', async () => {
    const { folder } = await folderWith({});
    const [allowlist, cases] = ['allowlist.yaml', 'allowlist.cases.yaml'].map((name) => join(folder, 'new', name)) as [
      string,
      string,
    ];

    const ended = await runCli(['init', join(folder, 'new')]);

    expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
    expect(ended.stdout).toContain(`written: ${allowlist}, ${cases}\n`);
    expect(await runCli(['check', allowlist])).toMatchObject({
      exitCode: 0,
      stdout: `${allowlist}: valid, 1 rule, 0 warnings\n`,
    });
    expect(await runCli(['test', cases, '--allowlist', allowlist, '--coverage'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/3 passed, 0 failed\nevery rule is reached by a case\n$/),
    });
  });

  test('writes rules that are valid also where they are comments', async () => {
    const { folder } = await folderWith({});
    await runCli(['init', folder]);
    const written = await readFile(join(folder, 'allowlist.yaml'), 'utf8');

    const ended = await runCli(['check', '-'], {
      stdin: written.replace(/^( {2,4})# (?=(?:- | {2})?[a-zA-Z0-9]+: )/gm, '$1'),
    });

    expect(ended.stdout).toMatch(/valid, 2 rules/);
    expect(ended.exitCode).toBe(0);
  });

  test.each(['allowlist.yaml', 'allowlist.cases.yaml'])('overwrites nothing: %s', async (name) => {
    const { folder } = await folderWith({});
    const file = join(folder, name);
    const other = join(folder, name === 'allowlist.yaml' ? 'allowlist.cases.yaml' : 'allowlist.yaml');
    await writeFile(file, 'mine');

    expectRefusal(await runCli(['init', folder]), 1, /is there already, and nothing was written: name another folder/);

    expect(await readFile(file, 'utf8')).toBe('mine');
    await expect(readFile(other)).rejects.toThrow(/ENOENT/);
  });

  test.each(['allowlist.yaml', 'allowlist.cases.yaml'])(
    'writes through no link, also not one that leads nowhere: %s',
    async (name) => {
      const { folder } = await folderWith({});
      await symlink(join(folder, 'elsewhere'), join(folder, name));

      expectRefusal(
        await runCli(['init', folder]),
        1,
        /is there already, and nothing was written: name another folder/,
      );

      expect(await readdir(folder)).toEqual([name]);
    },
  );

  test('leaves no half of a file where it cannot write all', async () => {
    const { folder } = await folderWith({});
    // Files of at most 1 KiB, where the allowlist is larger: as on a disk that is full.
    const command = `ulimit -f 1; exec "${process.execPath}" src/cli/main.ts init "${folder}"`;
    const child = spawn('bash', ['-c', command]);

    const [said, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);

    expect(said).toMatch(/ cannot be written to: /);
    expect([exitCode, await readdir(folder)]).toEqual([1, []]);
  });

  test('says why it cannot write', async () => {
    const { file, folder } = await folderWith({ file: '' });

    expectRefusal(
      await runCli(['init', join(folder, 'a', 'b')]),
      1,
      /a\/b cannot be written to: the folder that it is in is not there/,
    );
    expectRefusal(await runCli(['init', '/proc/new']), 1, /new cannot be written to: /);

    expectRefusal(await runCli(['init', join(file, 'new')]), 1, /cannot be written to: a part of its/);
  });

  test('has a --help with an example', async () => {
    await expectHelp('init');
  });
});
