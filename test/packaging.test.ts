import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { CLIENTS, invokePackaged, STRANGERS_TOO } from './support/packaged/packaged-function.ts';
import { makeSecondCheckout } from './support/packaged/second-checkout.ts';
import { runServerlessPackage } from './support/packaged/serverless-package.ts';
import { readZip } from './support/packaged/unzip.ts';
import { startAppConfig, startSsm } from './support/scripted/remote-allowlists.ts';

// What is in the one package of the whole run: test/package.test.ts. Each of these tests makes another one.
describe('an allowlist that is not in the package', () => {
  test.each([
    ['SSM', 'AppConfig', startSsm],
    ['AppConfig', 'SSM', startAppConfig],
  ] as const)(
    'is read by a package that was made for %s, which holds no client of %s',
    async (wanted, unwanted, startStore) => {
      const { location, environment } = await startStore(STRANGERS_TOO);
      const temporary = await mkdtemp(join(tmpdir(), 'ingress-guard-remote-'));
      onTestFinished(() => rm(temporary, { recursive: true, force: true }));

      const { exitCode, output } = await runServerlessPackage(temporary, {}, [`--param=allowlist=${location}`]);
      expect(exitCode, output).toBe(0);
      const zip = join(temporary, 'enforceIngress.zip');
      const code = Buffer.concat([...(await readZip(zip)).values()]);
      const printed = await invokePackaged(zip, { ...environment, INGRESS_GUARD_ALLOWLIST: location });

      expect(code.includes(CLIENTS[wanted][0])).toBe(true);
      expect(code.includes(CLIENTS[unwanted][0])).toBe(false);
      expect(printed).toContain('"outcome":"allowed"');
      expect(printed).toContain(createHash('sha256').update(STRANGERS_TOO).digest('hex'));
    },
  );
});

const folder = inject('packageFolder');

describe('packaging', () => {
  test('gives the same bytes again: later, in another folder, in another time zone, with another umask', async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'ingress-guard-again-'));
    onTestFinished(() => rm(temporary, { recursive: true, force: true }));
    const checkout = join(temporary, 'checkout');
    const again = join(temporary, 'package');
    await makeSecondCheckout(checkout);
    const umask = process.umask(0o077);
    onTestFinished(() => void process.umask(umask));

    const { exitCode, output } = await runServerlessPackage(again, { TZ: 'Asia/Tokyo' }, [], checkout);

    expect(exitCode, output).toBe(0);
    for (const zip of ['enforceIngress.zip', 'enforceSecurityGroup.zip', 'auditGrants.zip']) {
      const [first, second] = [await readZip(join(folder, zip)), await readZip(join(again, zip))];
      expect([...second.keys()], 'names of the files').toEqual([...first.keys()]);
      expect((await readFile(join(again, zip))).equals(await readFile(join(folder, zip))), zip).toBe(true);
    }
    const template = async (at: string) => {
      const text = await readFile(join(at, 'cloudformation-template-update-stack.json'), 'utf8');
      // The one thing that tells two deployments apart: the folder in the bucket is named after the time.
      return text.replaceAll(/prod\/\d+-[^/]+/g, 'prod/TIME');
    };
    expect(await template(again)).toBe(await template(folder));
  });

  test('fails on an allowlist that is not valid, and says where it is wrong', async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'ingress-guard-bad-allowlist-'));
    try {
      const allowlist = join(temporary, 'bad-allowlist.yaml');
      await writeFile(
        allowlist,
        `version: 1
rules:
  - id: web-to-sessions
    cacheSecurityGroups: [sessions]
    ec2SecurityGroups: [web]
    ownerIds: [123456789012]
`,
      );

      const { exitCode, output } = await runServerlessPackage(join(temporary, 'package'), {
        INGRESS_GUARD_ALLOWLIST: allowlist,
      });

      expect(exitCode).not.toBe(0);
      expect(output).toContain(
        `${allowlist}:6:16: rules[0].ownerIds[0]: owner id \`123456789012\` is a number here: put it in quotes`,
      );
      expect(output).not.toMatch(/^ +at /m);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
});
