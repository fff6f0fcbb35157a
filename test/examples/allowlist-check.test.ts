import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { ACCOUNT, strangersGrant } from '../support/examples/grants.ts';
import { ALLOWLIST } from '../support/functions/enforce-ingress-function.ts';
import { folderWith } from '../support/tools/folder.ts';

const WORKFLOW = await readFile('examples/github-actions/allowlist-check.yml', 'utf8');

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
}
const STEPS: readonly Step[] = parse(WORKFLOW).jobs.check.steps;

const installed = inject('installed');

const CASES = `cases:
  - name: web reaches the sessions
    grant: { account: "${ACCOUNT}", region: us-east-1, cacheSecurityGroupName: sessions, ec2SecurityGroupName: web, ec2SecurityGroupOwnerId: "${ACCOUNT}" }
    expect: allow
`;

/** A pull request against a repository with this allowlist, that would make it another; runs each step as a runner does. */
async function pullRequest(before: string, after: string) {
  const files = await folderWith({
    'repository/allowlist.yaml': before,
    'repository/allowlist.cases.yaml': CASES,
    'repository/reports/latest.json': JSON.stringify({ complete: true, findings: [{ grant: strangersGrant }] }),
    'bin/npx': `#!/bin/sh\n[ "$1 $2 $3" = "--no -- ingress-guard" ] || exit 99\nshift 3\nexec "${process.execPath}" "${installed.command}" "$@"\n`,
    'bin/gh': `#!/bin/sh\nwhile [ "$1" != --body-file ]; do shift; done\ncp "$2" "$RUNNER_TEMP/posted.md"\n`,
    summary: '',
    output: '',
  });
  for (const program of [files['bin/npx'], files['bin/gh']]) await chmod(program, 0o755);
  const environment: Record<string, string> = {
    PATH: `${join(files.folder, 'bin')}:${process.env.PATH}`,
    HOME: files.folder,
    RUNNER_TEMP: files.folder,
    GITHUB_STEP_SUMMARY: files.summary,
    GITHUB_OUTPUT: files.output,
    NUMBER: '7',
  };
  const bash = (script: string): Promise<{ exitCode: number; output: string }> =>
    new Promise((resolve) => {
      const how = { cwd: join(files.folder, 'repository'), env: environment };
      execFile('bash', ['-e', '-o', 'pipefail', '-c', script], how, (error, stdout, stderr) =>
        resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      );
    });
  const git = 'git -c user.name=a -c user.email=a@example.com';
  const { output } = await bash(`git init -q && git add . && ${git} commit -qm before && git rev-parse HEAD`);
  environment.BASE = output.trim();
  await writeFile(files['repository/allowlist.yaml'], after);
  const exitCodes: Record<string, number> = {};
  for (const { name, run } of STEPS) {
    if (name === undefined || run === undefined) continue;
    const ended = await bash(run);
    exitCodes[name] = ended.exitCode;
    const code = /^code=(\d)$/m.exec(await readFile(files.output, 'utf8'))?.[1];
    if (code !== undefined) environment.CODE = code;
  }
  return {
    exitCodes,
    summary: await readFile(files.summary, 'utf8'),
    comment: await readFile(join(files.folder, 'posted.md'), 'utf8'),
  };
}

const OPEN = ALLOWLIST.replace('self', '"*"');

describe('the workflow for pull requests', () => {
  test('comments what would newly be revoked, and fails', async () => {
    const { exitCodes, summary, comment } = await pullRequest(OPEN, ALLOWLIST);

    expect(exitCodes).toEqual({
      'Is it valid?': 0,
      'Does it still say what it must?': 0,
      'What would it change?': 0,
      'Say so in the pull request': 0,
      'Would anything be revoked, or was anything not judged?': 2,
    });
    expect(comment).toContain('**1 grant would newly be revoked**');
    expect(summary).toBe(comment);
  });

  test('comments that nothing would be, and is content', async () => {
    const { exitCodes, comment } = await pullRequest(ALLOWLIST, OPEN);

    expect(new Set(Object.values(exitCodes))).toEqual(new Set([0]));
    expect(comment).toContain('Nothing would newly be revoked; 1 newly allowed');
  });

  test('fails at once when the allowlist is not valid, or does not say what it must', async () => {
    const invalid = await pullRequest(ALLOWLIST, 'version: 2\nrules: []\n');
    const wrong = await pullRequest(ALLOWLIST, 'version: 1\nrules: []\n');

    expect(invalid.exitCodes['Is it valid?']).toBe(3);
    expect(wrong.exitCodes).toMatchObject({ 'Is it valid?': 0, 'Does it still say what it must?': 1 });
  });

  test('uses no more than what checks out and what brings Node', () => {
    const used = STEPS.flatMap(({ uses }) => uses?.split('@')[0] ?? []);

    expect(used).toEqual(['actions/checkout', 'actions/setup-node']);
  });

  test('writes nothing of the pull request into a script, where it could become code', () => {
    for (const { run = '' } of STEPS) expect(run).not.toContain('${{');
  });
});
