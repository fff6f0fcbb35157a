import { expect, test } from 'vitest';
import { runBash } from '../support/commands/run-bash.ts';
import { folderWith } from '../support/tools/folder.ts';

/** What `npm audit --json` says of one package. */
const vulnerable = (name: string, severity: string, path = `node_modules/${name}`) => ({
  [name]: { name, severity, nodes: [path], via: [{ title: 'It is bad', url: 'https://github.com/advisories/1' }] },
});

async function audit(answer: unknown) {
  const { answered } = await folderWith({ answered: typeof answer === 'string' ? answer : JSON.stringify(answer) });
  return await runBash(`"${process.execPath}" bin/audit-bundled.ts < "${answered}"`, process.cwd(), {});
}

test('a serious vulnerability of a package in the bundle fails the scan, and says which', async () => {
  const { exitCode, output } = await audit({ vulnerabilities: vulnerable('commander', 'high') });

  expect(output).toMatch(/^commander: high: It is bad, https:\/\/github\.com\/advisories\/1\n/);
  expect(output).toMatch(/\n\d\d+ packages reach users: 1 vulnerable, 1 of them seriously\n$/);
  expect(exitCode).toBe(1);
});

test('so does one of a package that npm installs with it', async () => {
  expect((await audit({ vulnerabilities: vulnerable('yaml', 'critical') })).exitCode).toBe(1);
});

test('what only tests and packages, and what is not serious, fails nothing', async () => {
  const { exitCode, output } = await audit({
    vulnerabilities: {
      ...vulnerable('serverless', 'critical'),
      ...vulnerable('zod', 'moderate'),
      // Another copy than the one that is bundled.
      ...vulnerable('p-map', 'critical', 'node_modules/vitest/node_modules/p-map'),
    },
  });

  expect(output).toMatch(/^zod: moderate: .*\n\d+ packages reach users: 1 vulnerable, 0 of them seriously\n$/);
  expect(exitCode).toBe(0);
});

test.each(['', '{"error":{"code":"ENOTFOUND"}}'])('an answer that is none fails the scan: %j', async (answer) => {
  const { exitCode, output } = await audit(answer);

  expect(output).toContain('this is no answer of npm audit --json');
  expect(exitCode).toBe(1);
});
