import { CreateCacheClusterCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Evaluation } from '../../src/local/console/evaluator.ts';
import { viewPlace } from '../../src/local/console/place-view.ts';
import { startLocalAws } from '../../src/local/local-aws.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { authorize, createGroup, ec2ClientFor, tcp } from '../support/local-aws/local-ec2.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';

const EVERYBODY = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
const NOTHING_YET: Evaluation = { verdicts: new Map(), problems: new Map() };

/** The rules of the group of a cache whose creation ends after so long, as the console shows them. */
async function rulesOf(creatingMs: number, evaluation: Evaluation | undefined) {
  const aws = await startLocalAws({
    port: 0,
    accountId: ACCOUNT,
    regions: [REGION],
    transitionMs: 0,
    creatingMs,
    credentials,
  });
  onTestFinished(() => aws.close());
  const ec2 = ec2ClientFor(aws.url);
  const elastiCache = new ElastiCacheClient({ region: REGION, endpoint: aws.url, credentials });
  onTestFinished(() => elastiCache.destroy());
  const groupId = await createGroup(ec2);
  await elastiCache.send(
    new CreateCacheClusterCommand({
      CacheClusterId: 'sessions',
      Engine: 'memcached',
      NumCacheNodes: 1,
      SecurityGroupIds: [groupId],
    }),
  );
  await authorize(ec2, groupId, tcp(11_211, EVERYBODY), { IpProtocol: 'udp', FromPort: 53, ToPort: 53, ...EVERYBODY });
  await aws.idle();
  const account = aws.accounts.home;
  const region = account.region(REGION);
  if (region === undefined) throw new Error('the region is there');
  const [group] = viewPlace(account, region, { evaluation, reportedOf: () => undefined }).groups;
  return group?.rules.map(({ ipProtocol, reaches, standing }) => ({ ipProtocol, reaches, as: standing?.as }));
}

describe('a rule of a group whose only cache is being created', () => {
  test('never looks as if it opens no cache, unless it speaks no TCP', async () => {
    expect(await rulesOf(600_000, NOTHING_YET)).toEqual([
      { ipProtocol: 'tcp', reaches: true, as: 'not-evaluated' },
      { ipProtocol: 'udp', reaches: false, as: undefined },
    ]);
    expect(await rulesOf(600_000, undefined)).toMatchObject([{ reaches: true }, { reaches: false }]);
  });
});
