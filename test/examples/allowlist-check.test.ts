import { chmod, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { commitAll, NEXT_TO_THE_ALLOWLIST, type Ran, runPullRequest, STEPS } from '../support/examples/pull-request.ts';
import { ALLOWLIST } from '../support/functions/enforce-ingress-function.ts';
import { folderWith } from '../support/tools/folder.ts';

const installed = inject('installed');

/** A pull request against a repository with these files, that would make its allowlist this one. npm and npx are stand-ins. */
async function pullRequest(
  before: string | Readonly<Record<string, string>>,
  after: string,
  base?: { readonly BASE: string },
): Promise<Ran & { readonly repository: string }> {
  const { folder, ...files } = await folderWith({
    'bin/npm': '#!/bin/sh\n[ "$*" = ci ] || exit 99\n',
    'bin/npx': `#!/bin/sh\n[ "$1 $2 $3" = "--no -- ingress-guard" ] || exit 99\nshift 3\nexec "${process.execPath}" "${installed.command}" "$@"\n`,
  });
  for (const program of Object.values(files)) await chmod(program, 0o755);
  const { folder: repository } = await folderWith<string>(
    typeof before === 'string' ? { ...NEXT_TO_THE_ALLOWLIST, 'allowlist.yaml': before } : before,
  );
  const environment = { PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`, HOME: folder };
  await commitAll(repository, environment);
  await writeFile(join(repository, 'allowlist.yaml'), after);
  return { repository, ...(await runPullRequest(repository, { ...environment, ...base })) };
}

const OPEN = ALLOWLIST.replace('self', '"*"');

describe('the workflow for pull requests', () => {
  test('comments what would newly be revoked, and fails', async () => {
    const { exitCodes, summary, comment } = await pullRequest(OPEN, ALLOWLIST);

    expect(exitCodes).toEqual({
      'npm ci': 0,
      'Is it valid?': 0,
      'Does it still say what it must?': 0,
      'What would it change?': 0,
      'Say so in the pull request': 0,
      'Would anything be revoked, or was anything not judged?': 2,
      'Write both for other tools': 0,
    });
    expect(comment).toContain('**1 grant would newly be revoked**');
    expect(summary).toBe(comment);
  });

  test('comments that nothing would be, and is content', async () => {
    const { exitCodes, comment } = await pullRequest(ALLOWLIST, OPEN);

    expect(new Set(Object.values(exitCodes))).toEqual(new Set([0]));
    expect(comment).toContain('Nothing would newly be revoked; 1 newly allowed');
  });

  test.each([
    ['the first allowlist', NEXT_TO_THE_ALLOWLIST],
    ['one that is valid again', { ...NEXT_TO_THE_ALLOWLIST, 'allowlist.yaml': 'version: 2\nrules: []\n' }],
  ])('compares %s with none, and is content', async (_, before) => {
    const { exitCodes, summary, comment } = await pullRequest(before, ALLOWLIST);

    expect(new Set(Object.values(exitCodes))).toEqual(new Set([0]));
    expect(comment).toContain('Nothing would newly be revoked; 0 newly allowed, 0 stay allowed, 1 stay denied.');
    expect(comment).toMatch(
      /\n\nThere was no valid allowlist before\. In mode `enforce`, what stays denied would be revoked\.\n$/,
    );
    expect(summary).toBe(comment);
  });

  test('fails and comments that nothing was evaluated when there is no report of an audit', async () => {
    const { 'allowlist.cases.yaml': cases } = NEXT_TO_THE_ALLOWLIST;

    for (const before of [
      { 'allowlist.cases.yaml': cases, 'allowlist.yaml': OPEN },
      { 'allowlist.cases.yaml': cases },
    ]) {
      const { exitCodes, outputs, comment } = await pullRequest(before, ALLOWLIST);

      expect(outputs['What would it change?']).toMatch(/reports\/latest\.json cannot be read: there is no such file/);
      expect(comment).toBe('What this change would do was not evaluated: the log of the workflow says why.\n');
      expect(exitCodes['Would anything be revoked, or was anything not judged?']).toBe(1);
    }
  });

  test('fails when the base of the pull request is not in the checkout, which is not a base without an allowlist', async () => {
    const { exitCodes } = await pullRequest(ALLOWLIST, ALLOWLIST, { BASE: '1'.repeat(40) });

    expect(exitCodes['What would it change?']).toBe(128);
  });

  test('fails at once when the allowlist is not valid, or does not say what it must, and annotates where', async () => {
    const invalid = await pullRequest(ALLOWLIST, 'version: 2\nrules: []\n');
    const wrong = await pullRequest(ALLOWLIST, 'version: 1\nrules: []\n');

    expect(invalid.exitCodes['Is it valid?']).toBe(3);
    expect(invalid.outputs['Is it valid?']).toMatch(/^::error file=allowlist\.yaml,line=1,col=10::version: /);
    expect(wrong.exitCodes).toMatchObject({ 'Is it valid?': 0, 'Does it still say what it must?': 1 });
    expect(wrong.outputs['Does it still say what it must?']).toMatch(
      /^::error file=allowlist\.cases\.yaml,line=2,col=5::web reaches the sessions: /m,
    );
  });

  test('leaves what failed in the files for other tools', async () => {
    const { repository } = await pullRequest(ALLOWLIST, 'version: 1\nrules: []\n');

    const junit = await readFile(join(repository, 'results/cases.xml'), 'utf8');
    const sarif = JSON.parse(await readFile(join(repository, 'results/allowlist.sarif'), 'utf8'));
    expect(junit).toContain('failures="1"');
    expect(sarif.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri).toBe('allowlist.yaml');
  });

  test('uses no more than what checks out, what brings Node, and what keeps the files', () => {
    const used = STEPS.flatMap(({ uses }) => uses?.split('@')[0] ?? []);

    expect(used).toEqual([
      'actions/checkout',
      'actions/setup-node',
      'actions/upload-artifact',
      'github/codeql-action/upload-sarif',
    ]);
  });
});
