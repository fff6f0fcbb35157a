import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { runBash } from '../support/commands/run-bash.ts';
import { commitAll, NEXT_TO_THE_ALLOWLIST, runPullRequest } from '../support/examples/pull-request.ts';
import { folderWith } from '../support/tools/folder.ts';

/** With the Node of this process, and its own npm. */
const RUNNER = {
  PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
  CI: 'true',
  NODE_DISABLE_COMPILE_CACHE: '1',
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
};

/** The repository of an allowlist: this checkout as it is, with the files that the workflow reads. The first has no allowlist yet. */
async function makeRepository(round: string): Promise<string> {
  const { folder } = await folderWith(NEXT_TO_THE_ALLOWLIST);
  const { output } = await runBash('git ls-files -z --cached --others --exclude-standard', process.cwd(), RUNNER);
  for (const file of output.split('\0').filter(Boolean)) {
    // What was deleted, and is not committed yet, is still listed.
    await cp(file, join(folder, file)).catch((error) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  if (round === 'first') await rm(join(folder, 'allowlist.yaml'));
  await commitAll(folder, RUNNER);
  return folder;
}

/** An npm cache with the packages that this checkout was installed with, and nothing of earlier runs of npx. */
async function makeCache(): Promise<string> {
  const { folder } = await folderWith({});
  const { output } = await runBash('npm config get cache', process.cwd(), { ...process.env, ...RUNNER } as never);
  const packages = join(output.trim(), '_cacache');
  await mkdir(packages, { recursive: true });
  await symlink(packages, join(folder, '_cacache'));
  return folder;
}

// It installs all packages twice.
const ENDED_AFTER = 1_800_000;

test('the workflow runs in a fresh checkout, and in another one with the npm cache of the first', {
  timeout: ENDED_AFTER,
}, async () => {
  const { folder: home } = await folderWith({});
  const environment = { ...RUNNER, HOME: home, npm_config_cache: await makeCache() };

  for (const round of ['first', 'second']) {
    const repository = await makeRepository(round);
    // The first pull request adds the allowlist, the second a rule to it: neither revokes anything newly.
    await writeFile(join(repository, 'allowlist.yaml'), OPEN);

    const { exitCodes, outputs, comment } = await runPullRequest(repository, environment);

    expect(new Set(Object.values(exitCodes)), `${round}: ${JSON.stringify(outputs, null, 2)}`).toEqual(new Set([0]));
    expect(outputs['Is it valid?']).toMatch(/^Checked allowlist\.yaml: valid, 1 rule, /m);
    expect(outputs['Does it still say what it must?']).toContain('1 passed, 0 failed\n');
    expect(comment).toContain('Nothing would newly be revoked; 1 newly allowed');
    expect(comment.includes('There was no valid allowlist before')).toBe(round === 'first');
  }
});

const OPEN = `version: 1
rules:
  - id: web-to-sessions
    cacheSecurityGroups: [sessions]
    ec2SecurityGroups: [web]
    ownerIds: ["*"]
`;
