import { describe, expect, test } from 'vitest';
import { elastiCacheClient } from '../../../src/aws/elasticache/client.ts';
import { type GrantPage, listGrants } from '../../../src/aws/elasticache/list-grants.ts';
import { ACCOUNT, REGION, STRANGER } from '../../support/examples/grants.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { OTHER_REGION, startEndpoint, TRANSITION } from '../../support/local-aws/local-endpoint.ts';
import { type Answer, error, startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';
import { collect } from '../../support/tools/collect.ts';

const CREATE = 'CreateCacheSecurityGroup';
const AUTHORIZE = 'AuthorizeCacheSecurityGroupIngress';
const REVOKE = 'RevokeCacheSecurityGroupIngress';

function list(url: string, abortSignal?: AbortSignal, region = REGION): AsyncIterable<GrantPage> {
  return listGrants(elastiCacheClient({ endpoint: url, credentials, maxAttempts: 1, region: region }), abortSignal);
}

/** A page that ElastiCache would answer: as AWS's documentation shows it, with these cache security groups. */
function page(cacheSecurityGroups: string, marker = ''): Answer {
  return {
    status: 200,
    xml: `<DescribeCacheSecurityGroupsResponse xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/">
  <DescribeCacheSecurityGroupsResult>
    ${marker && `<Marker>${marker}</Marker>`}
    <CacheSecurityGroups>${cacheSecurityGroups}</CacheSecurityGroups>
  </DescribeCacheSecurityGroupsResult>
  <ResponseMetadata><RequestId>1f3a9c4e-0000-4000-8000-000000000003</RequestId></ResponseMetadata>
</DescribeCacheSecurityGroupsResponse>`,
  };
}

/** A cache security group with a grant of which only these parts are there. */
function group(name: string, grant: string): string {
  return `<CacheSecurityGroup>
    <EC2SecurityGroups><EC2SecurityGroup>${grant}</EC2SecurityGroup></EC2SecurityGroups>
    <CacheSecurityGroupName>${name}</CacheSecurityGroupName><OwnerId>${ACCOUNT}</OwnerId>
  </CacheSecurityGroup>`;
}
const complete = `<Status>authorized</Status><EC2SecurityGroupName>web</EC2SecurityGroupName>
  <EC2SecurityGroupOwnerId>${STRANGER}</EC2SecurityGroupOwnerId>`;

describe('every grant of a region', () => {
  test('is listed once, also if its group is on two pages; twice if it changed in between', async () => {
    const revoking = complete.replace('authorized', 'revoking');
    await using endpoint = await startScriptedEndpoint(
      page(group('sessions', complete) + group('carts', complete), 'next'),
      page(group('sessions', complete) + group('carts', revoking)),
    );

    const listed = (await collect(list(endpoint.url))).flatMap(({ grants }) => grants);

    expect(listed.map(({ grant, status }) => [grant?.target.cacheSecurityGroupName, status])).toEqual([
      ['sessions', 'authorized'],
      ['carts', 'authorized'],
      ['carts', 'revoking'],
    ]);
  });

  test('is listed, over as many pages as there are', async () => {
    const endpoint = await startEndpoint({ quota: 250 });
    const names = Array.from({ length: 230 }, (_, index) => `cache-${String(index).padStart(3, '0')}`);
    for (const CacheSecurityGroupName of names) {
      await endpoint.call(CREATE, { CacheSecurityGroupName, Description: 'a' });
      const grant = { EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: STRANGER };
      await endpoint.call(AUTHORIZE, { CacheSecurityGroupName, ...grant });
    }

    const pages = await collect(list(endpoint.url));

    // `default`, which is always there, has no grants.
    expect(pages.map(({ cacheSecurityGroups }) => cacheSecurityGroups)).toEqual([100, 100, 31]);
    const grants = pages.flatMap((one) => one.grants);
    expect(grants.map(({ grant }) => grant?.target.cacheSecurityGroupName)).toEqual(names);
    expect(grants[0]).toEqual({
      status: 'authorizing',
      grant: {
        kind: 'classic',
        account: ACCOUNT,
        region: REGION,
        target: { cacheSecurityGroupName: 'cache-000' },
        source: { ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: STRANGER },
      },
    });
  });

  test('is listed in whatever state it is', async () => {
    const { call, clock, url } = await startEndpoint();
    const grant = (EC2SecurityGroupName: string) => ({
      CacheSecurityGroupName: 'default',
      EC2SecurityGroupName,
      EC2SecurityGroupOwnerId: STRANGER,
    });
    await call(AUTHORIZE, grant('a'));
    await call(AUTHORIZE, grant('b'));
    clock.advance(TRANSITION);
    await call(REVOKE, grant('b'));
    await call(AUTHORIZE, grant('c'));

    const [only] = await collect(list(url));

    expect(only?.grants.map((one) => `${one.grant?.source.ec2SecurityGroupName} ${one.status}`)).toEqual([
      'a authorized',
      'b revoking',
      'c authorizing',
    ]);
  });

  test('is listed as it is, however much it has in common with the one before', async () => {
    const { call, url } = await startEndpoint();
    const grants = ['default', 'sessions', 'carts'].flatMap((CacheSecurityGroupName) =>
      [STRANGER, ACCOUNT, '000011112222', ACCOUNT, ACCOUNT].map((EC2SecurityGroupOwnerId, index) => ({
        CacheSecurityGroupName,
        EC2SecurityGroupName: `web-${index}`,
        EC2SecurityGroupOwnerId,
      })),
    );
    for (const CacheSecurityGroupName of ['sessions', 'carts']) {
      await call(CREATE, { CacheSecurityGroupName, Description: 'a' });
    }
    for (const grant of grants) await call(AUTHORIZE, grant);

    const [only] = await collect(list(url));

    const asWritten = (only?.grants ?? []).map(({ grant }) => ({
      CacheSecurityGroupName: grant?.target.cacheSecurityGroupName,
      EC2SecurityGroupName: grant?.source.ec2SecurityGroupName,
      EC2SecurityGroupOwnerId: grant?.source.ec2SecurityGroupOwnerId,
    }));
    expect(asWritten).toHaveLength(15);
    expect(asWritten).toEqual(expect.arrayContaining(grants));
  });

  test('is asked for while the page before it is judged', async () => {
    await using endpoint = await startScriptedEndpoint(
      page(group('sessions', complete), 'more'),
      page(group('carts', complete)),
    );
    const pages = list(endpoint.url)[Symbol.asyncIterator]();

    await pages.next();

    await expect.poll(() => endpoint.actions).toHaveLength(2);
    expect((await pages.next()).value).toMatchObject({ cacheSecurityGroups: 1 });
    expect((await pages.next()).done).toBe(true);
  });

  test('is of that region and of no other', async () => {
    const { call, url } = await startEndpoint();
    const grant = {
      CacheSecurityGroupName: 'default',
      EC2SecurityGroupName: 'web',
      EC2SecurityGroupOwnerId: STRANGER,
    };
    await call(AUTHORIZE, grant, { region: OTHER_REGION });

    const [here] = await collect(list(url));
    const [there] = await collect(list(url, undefined, OTHER_REGION));

    expect(here).toEqual({ cacheSecurityGroups: 1, grants: [] });
    expect(there?.grants).toMatchObject([{ grant: { region: OTHER_REGION } }]);
  });
});

describe('a grant that cannot be read', () => {
  test.each([
    ['its owner is missing', '<EC2SecurityGroupName>web</EC2SecurityGroupName>', '`web` of (undefined)'],
    [
      'its owner is no account',
      '<EC2SecurityGroupName>web</EC2SecurityGroupName><EC2SecurityGroupOwnerId>me</EC2SecurityGroupOwnerId>',
      '`web` of `me`',
    ],
    ['all of it is missing', '', '(undefined) of (undefined)'],
  ])('is named as far as it is known, with its problems, when %s; the others are listed', async (_, grant, source) => {
    await using endpoint = await startScriptedEndpoint(page(group('sessions', grant) + group('carts', complete)));

    const [only] = await collect(list(endpoint.url));

    expect(only?.cacheSecurityGroups).toBe(2);
    expect(only?.grants.map(({ what }) => what)).toEqual([
      `cache security group \`sessions\` <- EC2 security group ${source}`,
      undefined,
    ]);
    expect(only?.grants[0]?.grant).toBeUndefined();
    expect(only?.grants[0]?.problems).toContainEqual(expect.stringContaining('ec2SecurityGroupOwnerId'));
    expect(only?.grants[1]?.grant?.target).toEqual({ cacheSecurityGroupName: 'carts' });
  });
});

test('an account without EC2-Classic lists nothing, and says so', async () => {
  const { url } = await startEndpoint({ vpcOnly: true });

  expect(await collect(list(url))).toEqual([{ cacheSecurityGroups: 0, grants: [], hasNoEc2Classic: true }]);
});

describe('a listing that cannot go on', () => {
  test('throws what the API answers, after the pages that came', async () => {
    await using endpoint = await startScriptedEndpoint(
      page(group('sessions', complete), 'more'),
      error(403, 'AccessDenied', 'You are not allowed to.'),
    );
    const pages: GrantPage[] = [];

    const listing = (async () => {
      for await (const one of list(endpoint.url)) pages.push(one);
    })();

    await expect(listing).rejects.toMatchObject({ name: 'AccessDenied', message: 'You are not allowed to.' });
    expect(pages).toMatchObject([{ cacheSecurityGroups: 1 }]);
  });

  test('throws when the next page is the same for ever', async () => {
    await using endpoint = await startScriptedEndpoint(page(group('sessions', complete), 'more'));

    await expect(collect(list(endpoint.url))).rejects.toThrow('the listing does not end');
  });

  test('ends when it is aborted, also in the middle of a call', async () => {
    await using endpoint = await startScriptedEndpoint('silence');
    const abort = new AbortController();

    const listing = collect(list(endpoint.url, abort.signal));
    listing.catch(() => {});
    await expect.poll(() => endpoint.actions).toHaveLength(1);
    abort.abort();

    await expect(listing).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(endpoint.abandoned).toBe(1);
  });
});
