import { writeFile } from 'node:fs/promises';
import { CreateManagedPrefixListCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { localEvaluator } from '../../src/cli/local-evaluator.ts';
import { placeKeyOf, ruleKey } from '../../src/local/console/evaluator.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startGuardedCache } from '../support/functions/enforce-security-group-function.ts';
import { authorize, tcp } from '../support/local-aws/local-ec2.ts';

const PLACE = { account: ACCOUNT, region: REGION };
const ALLOWLIST = `version: 1
rules:
  - id: office
    caches: [sessions]
    cidrs: [10.0.0.0/16]
  - id: web
    caches: [sessions]
    securityGroupNames: [web]
    ownerIds: [self]
`;

/** A cache with a rule for each kind of source, and the verdict on each. */
async function evaluateSources(allowlist: string) {
  const { aws, ec2, groupId, calls } = await startGuardedCache({ creatingMs: 0 });
  const { PrefixList } = await ec2.send(
    new CreateManagedPrefixListCommand({
      PrefixListName: 'offices',
      AddressFamily: 'IPv4',
      MaxEntries: 1,
      Entries: [{ Cidr: '10.0.1.0/24' }],
    }),
  );
  const rules = await authorize(
    ec2,
    groupId,
    tcp(6379, { IpRanges: [{ CidrIp: '10.0.1.0/24' }, { CidrIp: '0.0.0.0/0' }] }),
    tcp(6379, { PrefixListIds: [{ PrefixListId: PrefixList?.PrefixListId }] }),
    tcp(6379, { UserIdGroupPairs: [{ GroupId: groupId }] }),
  );
  const before = calls.length;
  const { verdicts, problems } = await localEvaluator(aws, allowlist).evaluate([PLACE]);
  return {
    made: calls.length - before,
    problems: problems.get(placeKeyOf(PLACE)) ?? [],
    verdicts: rules.map(({ SecurityGroupRuleId = '' }) => verdicts.get(ruleKey(PLACE, SecurityGroupRuleId))?.as),
  };
}

describe('the evaluation of what stands on a local AWS', () => {
  test('is the audit, of every kind of source, and makes no call', async () => {
    const evaluated = await evaluateSources(await allowlistFile(ALLOWLIST));

    expect(evaluated).toEqual({
      made: 0,
      problems: [],
      verdicts: ['allowed', 'not-allowed', 'allowed', 'not-allowed'],
    });
  });

  test('says of an allowlist that cannot be read that nothing is evaluated', async () => {
    const file = await allowlistFile(ALLOWLIST);
    await writeFile(file, 'version: 2');

    const { problems, verdicts } = await evaluateSources(file);

    expect(verdicts).toEqual([undefined, undefined, undefined, undefined]);
    expect(problems).toEqual([expect.stringContaining(file)]);
  });

  test('reads the allowlist anew each time', async () => {
    const file = await allowlistFile(ALLOWLIST);
    const { aws, ec2, groupId } = await startGuardedCache({ creatingMs: 0 });
    const [rule] = await authorize(ec2, groupId, tcp(6379, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] }));
    const evaluator = localEvaluator(aws, file);
    const verdict = async () =>
      (await evaluator.evaluate([PLACE])).verdicts.get(ruleKey(PLACE, rule?.SecurityGroupRuleId ?? ''));

    expect(await verdict()).toMatchObject({ as: 'not-allowed' });
    await writeFile(file, ALLOWLIST.replace('10.0.0.0/16', '192.0.2.0/24'));
    expect(await verdict()).toEqual({ as: 'allowed', why: 'allowlist rule `office` allows it' });
  });
});

describe('the advice on a revocation', () => {
  const grant = {
    kind: 'vpc',
    ...PLACE,
    target: {
      cacheName: 'sessions',
      ports: [6379],
      securityGroupId: 'sg-0123456789abcdef0',
      securityGroupRuleId: 'sgr-0123456789abcdef0',
    },
    source: { kind: 'cidr', cidr: '192.0.2.0/24' },
  };

  test('says what to add to the allowlist, until it allows the grant', async () => {
    const file = await allowlistFile(ALLOWLIST);
    const { aws } = await startGuardedCache({ creatingMs: 0 });
    const { advise } = localEvaluator(aws, file);

    const { isDenied, rules } = await advise({ outcome: 'revoked', grant });
    expect(isDenied).toBe(true);
    expect(rules).toContain('- 192.0.2.0/24');
    await writeFile(file, `${ALLOWLIST}${rules.replaceAll(/^/gm, '  ')}\n`);
    expect(await advise({ outcome: 'revoked', grant })).toEqual({ isDenied: false, rules: '', never: '' });
  });

  test('is an error for what is no decision', async () => {
    const { aws } = await startGuardedCache({ creatingMs: 0 });
    const { advise } = localEvaluator(aws, await allowlistFile(ALLOWLIST));

    for (const decision of [undefined, {}, { grant: { ...grant, account: 'x' } }]) {
      await expect(advise(decision)).rejects.toThrow();
    }
  });
});
