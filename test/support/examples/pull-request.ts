import { chmod, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { runBash } from '../commands/run-bash.ts';
import { folderWith } from '../tools/folder.ts';
import { ACCOUNT, strangersGrant } from './grants.ts';

/** A step of the example workflow for pull requests. */
export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
}

/** The steps of the example workflow for pull requests, in their order. */
export const STEPS: readonly Step[] = parse(await readFile('examples/github-actions/allowlist-check.yml', 'utf8')).jobs
  .check.steps;

/** What the repository of an allowlist has next to it. */
export const NEXT_TO_THE_ALLOWLIST = {
  'allowlist.cases.yaml': `cases:
  - name: web reaches the sessions
    grant: { account: "${ACCOUNT}", region: us-east-1, cacheSecurityGroupName: sessions, ec2SecurityGroupName: web, ec2SecurityGroupOwnerId: "${ACCOUNT}" }
    expect: allow
`,
  'reports/latest.json': JSON.stringify({ complete: true, findings: [{ grant: strangersGrant }] }),
} as const;

/** What a runner made of a pull request. */
export interface Ran {
  /** Of each step, by its name, else by its script. */
  readonly exitCodes: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** What was posted to the pull request. */
  readonly comment: string;
}

/**
 * Runs each step of the workflow that has a script as a runner does, one that must always run also after one that failed, in the
 * checkout of a repository whose last commit is the base of the pull request; its working tree is what the pull request makes of it.
 *
 * @param environment of the runner, with its `PATH`, and with `BASE` if the base is another one. `gh` is a stand-in.
 */
export async function runPullRequest(repository: string, environment: Readonly<Record<string, string>>): Promise<Ran> {
  const files = await folderWith({
    'bin/gh': `#!/bin/sh\nwhile [ "$1" != --body-file ]; do shift; done\ncp "$2" "$RUNNER_TEMP/posted.md"\n`,
    'posted.md': '',
    summary: '',
    output: '',
  });
  await chmod(files['bin/gh'], 0o755);
  const { output: base } = await runBash('git rev-parse HEAD', repository, environment);
  const all: Record<string, string> = {
    BASE: base.trim(),
    ...environment,
    PATH: `${join(files.folder, 'bin')}${delimiter}${environment.PATH}`,
    RUNNER_TEMP: files.folder,
    GITHUB_STEP_SUMMARY: files.summary,
    GITHUB_OUTPUT: files.output,
    NUMBER: '7',
  };
  const exitCodes: Record<string, number> = {};
  const outputs: Record<string, string> = {};
  for (const { name, run } of STEPS) {
    if (run === undefined) continue;
    const ended = await runBash(run, repository, all);
    exitCodes[name ?? run] = ended.exitCode;
    outputs[name ?? run] = ended.output;
    const code = /^code=(\d)$/m.exec(await readFile(files.output, 'utf8'))?.[1];
    if (code !== undefined) all.CODE = code;
  }
  return {
    exitCodes,
    outputs,
    summary: await readFile(files.summary, 'utf8'),
    comment: await readFile(files['posted.md'], 'utf8'),
  };
}

/** Makes a commit of all that is in a folder, and of the folder a repository. */
export async function commitAll(folder: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const git = 'git -c user.name=a -c user.email=a@example.com';
  const { exitCode, output } = await runBash(
    `git init -q && git add . && ${git} commit -qm before`,
    folder,
    environment,
  );
  if (exitCode !== 0) throw new Error(output);
}
