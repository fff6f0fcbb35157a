import { globSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly permissions?: unknown;
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const WORKFLOWS = globSync(['.github/workflows/*.yml', 'examples/github-actions/*.yml']).sort();
const TEXTS = new Map(await Promise.all(WORKFLOWS.map(async (file) => [file, await readFile(file, 'utf8')] as const)));

describe.each([...TEXTS])('%s', (_, text) => {
  const { permissions, jobs }: Workflow = parse(text);
  const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);

  test('uses each action at a commit, which no one can move, and says which version that is', () => {
    const used = text.split('\n').filter((line) => /^\s*(?:- )?uses:/.test(line));

    expect(used.length).toBeGreaterThan(0);
    for (const line of used) expect(line).toMatch(/uses: [\w.-]+(?:\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('says what its token may do, and asks to write only where a job does', () => {
    expect(permissions).toBeDefined();
    const writes = JSON.stringify(permissions).includes('write');
    expect(writes && Object.keys(jobs).length > 1).toBe(false);
  });

  test('puts nothing that an author of a pull request can write into a script, where it could become code', () => {
    for (const { run = '' } of steps) expect(run).not.toContain('${{');
  });
});

describe('the workflows of this repository', () => {
  const ours = [...TEXTS].filter(([file]) => file.startsWith('.github/'));

  test('end what hangs', () => {
    for (const [file, text] of ours) {
      for (const job of Object.values((parse(text) as Workflow).jobs))
        expect(job['timeout-minutes'], file).toBeGreaterThan(0);
    }
  });

  test('leave no token in the checkout', () => {
    const checkouts = ours.flatMap(([, text]) =>
      Object.values((parse(text) as Workflow).jobs)
        .flatMap(({ steps = [] }) => steps)
        .filter(({ uses = '' }) => uses.startsWith('actions/checkout@')),
    );

    expect(checkouts).toHaveLength(3);
    for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false });
  });

  test('use one commit of an action everywhere', () => {
    const used = [...TEXTS.values()].flatMap((text) => [...text.matchAll(/uses: ([\w./-]+)@([0-9a-f]{40})/g)]);
    const commits = Map.groupBy(used, ([, action]) => action);

    for (const [action, all] of commits) expect(new Set(all.map(([, , commit]) => commit)).size, action).toBe(1);
  });
});

test('dependabot looks after every lock file and every workflow', async () => {
  const { updates } = parse(await readFile('.github/dependabot.yml', 'utf8'));
  const of = (ecosystem: string): string[] =>
    updates.find((update: { 'package-ecosystem': string }) => update['package-ecosystem'] === ecosystem).directories;

  // The one version that test/oldest-node is about stays.
  const locks = globSync('**/package-lock.json', { exclude: ['**/node_modules', 'test/oldest-node'] });
  expect(of('npm').sort()).toEqual(locks.map((file) => (file.includes('/') ? `/${dirname(file)}` : '/')).sort());
  expect(of('github-actions')).toEqual(['/', '/examples/github-actions']);
});

test('CODEOWNERS names nothing that is not there', async () => {
  const lines = (await readFile('.github/CODEOWNERS', 'utf8')).split('\n').filter((line) => /^[^#\s]/.test(line));

  for (const line of lines) {
    const [path = '', ...owners] = line.split(/\s+/);
    expect(owners.length).toBeGreaterThan(0);
    if (path !== '*') await expect(stat(path.slice(1))).resolves.toBeDefined();
  }
});

test('.nvmrc asks for the Node of the functions', async () => {
  const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8'));

  expect((await readFile('.nvmrc', 'utf8')).trim()).toBe(devDependencies.node.split('.')[0]);
});
