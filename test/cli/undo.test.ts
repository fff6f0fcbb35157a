import { describe, expect, test } from 'vitest';
import { parseAllowlistText } from '../../src/allowlist/parse-allowlist-text.ts';
import { decide } from '../../src/policy/decision.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { startElastiCacheWithGrants } from '../support/elasticache-with-grants.ts';
import { folderWith } from '../support/folder.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant } from '../support/grants.ts';
import { expectHelp, expectRefusal, jsonLines, runCli } from '../support/run-cli.ts';

const allowing = (ownerIds: string) => `version: 1
rules:
  - { id: all, cacheSecurityGroups: ["*"], ec2SecurityGroups: ["*"], ownerIds: ${ownerIds} }
`;
const ALLOWING = allowing('["*"]');
const DENYING = allowing('[self]');
const decision = (outcome: string) => JSON.stringify({ message: 'decision', outcome, grant: strangersGrant });

describe('ingress-guard undo', () => {
  test('restores a grant that was revoked', async () => {
    const { administrator, clock, calls } = await startElastiCacheWithGrants();
    await administrator.revoke('web', STRANGER);
    clock.advance(60_000);
    calls.length = 0;
    const { allowlist } = await folderWith({ allowlist: ALLOWING });

    const ended = await runCli(['undo', '-', '--allowlist', allowlist], { stdin: decision('revoked') });

    expect(ended).toEqual({
      exitCode: 0,
      stdout: `restored: sessions <- web of ${STRANGER} (${ACCOUNT}, ${REGION})\n`,
      stderr: '',
    });
    expect(calls.map(({ action, error }) => [action, error])).toEqual([
      ['AuthorizeCacheSecurityGroupIngress', undefined],
    ]);
  });

  test('finds a grant that is there already just as good', async () => {
    await startElastiCacheWithGrants();
    const { allowlist } = await folderWith({ allowlist: ALLOWING });

    const { exitCode, stdout } = await runCli(['undo', '-', '--allowlist', allowlist, '--format', 'json'], {
      stdin: decision('revoked'),
    });

    expect(jsonLines(stdout)).toEqual([{ result: 'already-there', grant: strangersGrant }]);
    expect(exitCode).toBe(0);
  });

  test('refuses while the allowlist denies the grant, and prints a rule that would allow it for a while', async () => {
    const { calls } = await startElastiCacheWithGrants();
    const { allowlist } = await folderWith({ allowlist: DENYING });

    const ended = await runCli(['undo', '-', '--allowlist', allowlist], { stdin: decision('revoked') });

    expectRefusal(ended, 2, /would take it away again/);
    expect(calls).toEqual([]);
    const rule = ended.stderr.slice(ended.stderr.indexOf('  - id:'));
    const { compiled, allowlist: mended } = parseAllowlistText(`${DENYING}${rule}`, 'mended');
    expect(mended.rules.at(-1)?.expires).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(decide(strangersGrant, compiled, new Date()).effect).toBe('allow');
    expect(decide(strangersGrant, compiled, new Date(Date.now() + 30 * 86_400_000)).effect).toBe('deny');
  });

  test.each([
    ['a grant that was not revoked', decision('would-revoke')],
    ['a recorded event, which does not say what became of it', JSON.stringify(sampleEvent('authorize-ingress'))],
  ])('restores nothing for %s', async (_, stdin) => {
    const { calls } = await startElastiCacheWithGrants();
    const { allowlist } = await folderWith({ allowlist: ALLOWING });

    expectRefusal(
      await runCli(['undo', '-', '--allowlist', allowlist], { stdin }),
      1,
      /tells of no grant that was revoked/,
    );
    expect(calls).toEqual([]);
  });

  test('says what ElastiCache says when it cannot', async () => {
    const { administrator } = await startElastiCacheWithGrants();
    const { allowlist } = await folderWith({ allowlist: ALLOWING });
    await administrator.revoke('web', STRANGER);

    const ended = await runCli(['undo', '-', '--allowlist', allowlist], { stdin: decision('revoked') });

    expectRefusal(ended, 1, /could not be restored: .*revoking/);
  });

  test('has help with an example', () => expectHelp('undo'));
});
