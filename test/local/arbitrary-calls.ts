import {
  AuthorizeCacheSecurityGroupIngressCommand,
  CreateCacheSecurityGroupCommand,
  DeleteCacheSecurityGroupCommand,
  DescribeCacheSecurityGroupsCommand,
  type ElastiCacheClient,
  RevokeCacheSecurityGroupIngressCommand,
} from '@aws-sdk/client-elasticache';
import fc from 'fast-check';
import { expect } from 'vitest';
import { REGION, STRANGER } from '../support/examples/grants.ts';
import { OTHER_REGION, TRANSITION } from '../support/local-aws/local-endpoint.ts';
import type { ReferenceAnswer, ReferenceElastiCache } from './reference-elasticache.ts';

/** What the model says: by region, the groups, and after which name the next page begins. */
export interface Model {
  readonly [region: string]: { readonly elastiCache: ReferenceElastiCache; after: string };
}

/** The endpoint, as its callers know it. */
export interface Real {
  readonly clientOf: (region: string) => ElastiCacheClient;
  /** By region: the marker of the last page, if more comes after it. */
  readonly markers: Map<string, string | undefined>;
  readonly advance: (ms: number) => void;
  /** What was answered so far, as `CreateCacheSecurityGroup: done`. */
  readonly seen: Set<string>;
}

type Call = fc.AsyncCommand<Model, Real>;

/** A call in a region, or time that passes; `title` is how a failure tells of it. */
function step(title: string, run: Call['run']): Call {
  return { check: () => true, run, toString: () => title };
}

/** Makes a call through the SDK, and holds the answer to what the model says. */
async function agree(
  { seen }: Real,
  title: string,
  expected: ReferenceAnswer,
  call: () => Promise<unknown>,
): Promise<void> {
  const got: ReferenceAnswer = await call().then(
    (answer) => ({ answer }),
    ({ name }: Error) => ({ error: name }),
  );
  seen.add(`${title.split(' ')[0]}: ${'error' in got ? got.error : 'done'}`);
  expect(got).toEqual(expected);
}

/** How many groups there are from the beginning, so that a list of them takes pages. */
export const FIRST_GROUPS = Array.from({ length: 20 }, (_, i) => `g${String(i).padStart(2, '0')}`);

// Small worlds: few names, so that calls are about the same things again and again.
const region = fc.oneof({ weight: 9, arbitrary: fc.constant(REGION) }, fc.constant(OTHER_REGION));
const newName = fc.constantFrom('sessions', 'SESSIONS', 'a', 'zz', 'g10', 'default');
const name = fc.constantFrom('default', 'default', 'Default', 'g10', 'sessions');
const source = fc.record({
  EC2SecurityGroupName: fc.constantFrom('web', 'web', 'web', 'Web'),
  EC2SecurityGroupOwnerId: fc.constantFrom(STRANGER, '4444-5555-6666'),
});
const ownerId = (written: string) => written.replaceAll('-', '');

/** Makes a cache security group. */
export function create(at: string, CacheSecurityGroupName: string): Call {
  const title = `CreateCacheSecurityGroup ${CacheSecurityGroupName} in ${at}`;
  const input = { CacheSecurityGroupName, Description: `About ${CacheSecurityGroupName}` };
  return step(title, async (model, real) => {
    const expected = model[at]?.elastiCache.create(CacheSecurityGroupName.toLowerCase(), input.Description);
    await agree(real, title, expected as ReferenceAnswer, async () => {
      const { CacheSecurityGroup } = await real.clientOf(at).send(new CreateCacheSecurityGroupCommand(input));
      return CacheSecurityGroup;
    });
  });
}

const remove = fc
  .tuple(region, fc.oneof(name, fc.constantFrom(...FIRST_GROUPS)))
  .map(([at, CacheSecurityGroupName]) => {
    const title = `DeleteCacheSecurityGroup ${CacheSecurityGroupName} in ${at}`;
    return step(title, async (model, real) => {
      const expected = model[at]?.elastiCache.delete(CacheSecurityGroupName.toLowerCase());
      await agree(real, title, expected as ReferenceAnswer, async () => {
        await real.clientOf(at).send(new DeleteCacheSecurityGroupCommand({ CacheSecurityGroupName }));
      });
    });
  });

const INGRESS = {
  authorize: AuthorizeCacheSecurityGroupIngressCommand,
  revoke: RevokeCacheSecurityGroupIngressCommand,
} as const;

const ingress = (verb: keyof typeof INGRESS) =>
  fc
    .tuple(region, name, source)
    .map(([at, CacheSecurityGroupName, { EC2SecurityGroupName, EC2SecurityGroupOwnerId }]) => {
      const input = { CacheSecurityGroupName, EC2SecurityGroupName, EC2SecurityGroupOwnerId };
      const Command = INGRESS[verb];
      const title = `${Command.name.replace('Command', '')} ${Object.values(input).join(' ')} in ${at}`;
      return step(title, async (model, real) => {
        const expected = model[at]?.elastiCache[verb](
          CacheSecurityGroupName.toLowerCase(),
          EC2SecurityGroupName,
          ownerId(EC2SecurityGroupOwnerId),
        );
        await agree(real, title, expected as ReferenceAnswer, async () => {
          const { CacheSecurityGroup } = await real.clientOf(at).send(new Command(input));
          return CacheSecurityGroup;
        });
      });
    });

const describeOne = fc.tuple(region, name).map(([at, CacheSecurityGroupName]) => {
  const title = `DescribeCacheSecurityGroups ${CacheSecurityGroupName} in ${at}`;
  return step(title, async (model, real) => {
    const expected = model[at]?.elastiCache.describe(CacheSecurityGroupName.toLowerCase());
    await agree(real, title, expected as ReferenceAnswer, async () => {
      const command = new DescribeCacheSecurityGroupsCommand({ CacheSecurityGroupName });
      return (await real.clientOf(at).send(command)).CacheSecurityGroups;
    });
  });
});

/** The next page, or, after the last one, the first. Other calls come between, and the pages go on all the same. */
const describePage = fc.tuple(region, fc.constantFrom(20, 21, 100, undefined)).map(([at, MaxRecords]) => {
  const title = `ListPage of ${MaxRecords} in ${at}`;
  return step(title, async (model, real) => {
    const mine = model[at] as Model[string];
    const { groups, next } = mine.elastiCache.page(mine.after, MaxRecords ?? 100);
    mine.after = next ?? '';
    await agree(real, title, { answer: { groups, hasMore: next !== undefined } }, async () => {
      const input = { Marker: real.markers.get(at), ...(MaxRecords !== undefined && { MaxRecords }) };
      const { CacheSecurityGroups, Marker } = await real
        .clientOf(at)
        .send(new DescribeCacheSecurityGroupsCommand(input));
      real.seen.add(`page ${real.markers.get(at) === undefined ? 'first' : 'next'}`);
      real.markers.set(at, Marker);
      return { groups: CacheSecurityGroups, hasMore: Marker !== undefined };
    });
  });
});

const pass = fc.constantFrom(1, TRANSITION / 2, TRANSITION - 1, TRANSITION).map((ms) =>
  step(`${ms} ms pass`, async (model, real) => {
    real.advance(ms);
    for (const { elastiCache } of Object.values(model)) elastiCache.pass(ms);
  }),
);

/** Calls in any order, with time passing between them. */
export const arbitraryCalls = fc.commands<Model, Real, false>(
  [
    fc.tuple(region, newName).map(([at, one]) => create(at, one)),
    remove,
    ingress('authorize'),
    ingress('authorize'),
    ingress('revoke'),
    ingress('revoke'),
    describeOne,
    describePage,
    pass,
    pass,
  ],
  { maxCommands: 80, size: 'max' },
);
