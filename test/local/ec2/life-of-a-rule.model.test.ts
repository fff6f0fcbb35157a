import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  type EC2Client,
  type IpPermission,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LocalEndpoint, startEndpoint } from '../../support/local-aws/local-endpoint.ts';
import { times } from '../../support/tools/fuzz.ts';
import { ELSEWHERE, type ReferenceAnswer, ReferenceRules, type Saying, show } from './reference-rules.ts';

/** So few that a version of IP is soon full, while there is room for rules of the other. */
const QUOTA = 2;
const LAG = 60_000;

/** As many as there can be for each version: a rule for a security group counts for both. */
const FIRST_RULES: readonly Saying[] = ['10.0.0.0/8', 'web', '::/0'].map((from) => ({ port: 6379, from }));

/** The endpoint, and by what ids it knows what the model knows by name and number. */
interface Real {
  readonly endpoint: LocalEndpoint;
  readonly groupIds: Map<string, string>;
  readonly ruleIds: string[];
  readonly seen: Set<string>;
}
type Call = fc.AsyncCommand<ReferenceRules, Real>;

/** Makes a call through the SDK, and holds the answer to what the model says. */
function call(
  title: string,
  expected: (model: ReferenceRules) => ReferenceAnswer,
  run: (ec2: EC2Client, real: Real, model: ReferenceRules) => Promise<unknown>,
): Call {
  return {
    check: () => true,
    toString: () => title,
    async run(model, real) {
      const { ec2, clock } = real.endpoint;
      // Signatures are held to the endpoint's clock.
      ec2.config.systemClockOffset = clock.now() - Date.now();
      const before = model.made;
      const should = expected(model);
      const got: ReferenceAnswer = await run(ec2, real, model).then(
        (answer) => ({ answer }),
        ({ name }: Error) => ({ error: name }),
      );
      expect(model.made - before).toBe(real.ruleIds.length - before);
      real.seen.add(`${title.split(' ')[0]}: ${'error' in got ? got.error : 'done'}`);
      expect(got).toEqual(should);
    },
  };
}

const groupIdOf = ({ groupIds }: Real, group: string) => groupIds.get(group) as string;
const ruleIdOf = ({ ruleIds }: Real, number: number) => ruleIds[number - 1] ?? 'sgr-00000000000000000';
const numberOf = ({ ruleIds }: Real, id = '') => ruleIds.indexOf(id) + 1;

function toPermission(real: Real, { port, from, description }: Saying): IpPermission {
  const Description = description === undefined ? {} : { Description: description };
  return {
    IpProtocol: 'tcp',
    FromPort: port,
    ToPort: port,
    ...(from === 'web'
      ? { UserIdGroupPairs: [{ GroupId: groupIdOf(real, 'web'), ...Description }] }
      : from.includes(':')
        ? { Ipv6Ranges: [{ CidrIpv6: from, ...Description }] }
        : { IpRanges: [{ CidrIp: from, ...Description }] }),
  };
}

/** A rule as it is shown, in the model's words. */
function told(real: Real, rule: SecurityGroupRule): string {
  const { CidrIpv4, CidrIpv6, ReferencedGroupInfo, FromPort = 0, Description } = rule;
  const isWeb = ReferencedGroupInfo?.GroupId === groupIdOf(real, 'web');
  const from = CidrIpv4 ?? CidrIpv6 ?? (isWeb ? 'web' : 'another group');
  const description = Description === undefined ? {} : { description: Description };
  return show(numberOf(real, rule.SecurityGroupRuleId), { port: FromPort, from, ...description });
}

// Small worlds: few groups, ports and sources, so that calls are about the same rules again and again.
const group = fc.constantFrom('caches', 'caches', 'caches', 'web', ELSEWHERE);
const saying: fc.Arbitrary<Saying> = fc.record(
  {
    port: fc.constantFrom(6379, 6379, 11211),
    from: fc.constantFrom('10.0.0.0/8', '0.0.0.0/0', '::/0', '2001:db8::/32', 'web'),
    description: fc.constantFrom('for a test', 'office'),
  },
  { requiredKeys: ['port', 'from'] },
);
const sayings = fc.array(saying, { minLength: 1, maxLength: 2 });
/** How many rules were made after the one that is meant. */
const since = fc.nat(4);
const text = (value: unknown) => JSON.stringify(value).replaceAll('"', '');

const create = (name: string) =>
  call(
    `CreateSecurityGroup ${name}`,
    (model) => model.create(name),
    async (ec2, { groupIds, endpoint }) => {
      const VpcId = name === ELSEWHERE ? endpoint.region.securityGroups.otherVpcId : undefined;
      const input = { GroupName: name, Description: 'Of the shop', ...(VpcId !== undefined && { VpcId }) };
      const { GroupId = '' } = await ec2.send(new CreateSecurityGroupCommand(input));
      groupIds.set(name, GroupId);
      return 'done';
    },
  );

const remove = (name: string) =>
  call(
    `DeleteSecurityGroup ${name}`,
    (model) => model.delete(name),
    async (ec2, real) => {
      await ec2.send(new DeleteSecurityGroupCommand({ GroupId: groupIdOf(real, name) }));
      return 'done';
    },
  );

const authorize = (name: string, asked: readonly Saying[]) =>
  call(
    `AuthorizeSecurityGroupIngress ${name} ${text(asked)}`,
    (model) => model.authorize(name, asked),
    async (ec2, real) => {
      const IpPermissions = asked.map((one) => toPermission(real, one));
      const input = { GroupId: groupIdOf(real, name), IpPermissions };
      const { SecurityGroupRules = [] } = await ec2.send(new AuthorizeSecurityGroupIngressCommand(input));
      for (const { SecurityGroupRuleId = '' } of SecurityGroupRules) real.ruleIds.push(SecurityGroupRuleId);
      return SecurityGroupRules.map((rule) => told(real, rule));
    },
  );

const modify = fc.tuple(group, since, saying).map(([name, ago, changed]) =>
  call(
    `ModifySecurityGroupRules ${name} ${ago} ago ${text(changed)}`,
    (model) => model.modify(name, model.made - ago, changed),
    async (ec2, real, model) => {
      const { port, from, description } = changed;
      const SecurityGroupRule = {
        IpProtocol: 'tcp',
        FromPort: port,
        ToPort: port,
        ...(from === 'web'
          ? { ReferencedGroupId: groupIdOf(real, 'web') }
          : { [from.includes(':') ? 'CidrIpv6' : 'CidrIpv4']: from }),
        ...(description !== undefined && { Description: description }),
      };
      const SecurityGroupRules = [{ SecurityGroupRuleId: ruleIdOf(real, model.made - ago), SecurityGroupRule }];
      await ec2.send(new ModifySecurityGroupRulesCommand({ GroupId: groupIdOf(real, name), SecurityGroupRules }));
      return 'done';
    },
  ),
);

/** What is told of a revocation: by Revoke itself, which rules; and how many were asked for in vain. */
async function revokeWith(ec2: EC2Client, real: Real, command: RevokeSecurityGroupIngressCommand) {
  const { RevokedSecurityGroupRules = [], UnknownIpPermissions = [] } = await ec2.send(command);
  const revoked = RevokedSecurityGroupRules.map(({ SecurityGroupRuleId }) => numberOf(real, SecurityGroupRuleId));
  const sources = UnknownIpPermissions.flatMap(({ IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [] }) => [
    ...[...IpRanges, ...Ipv6Ranges, ...UserIdGroupPairs],
  ]);
  return { revoked: revoked.sort(), unknown: sources.length };
}

const revoke = fc.tuple(group, fc.array(since, { minLength: 1, maxLength: 2 })).map(([name, agos]) =>
  call(
    `RevokeById ${name} ${agos} ago`,
    (model) =>
      model.revoke(
        name,
        agos.map((ago) => model.made - ago),
      ),
    (ec2, real, model) => {
      const SecurityGroupRuleIds = agos.map((ago) => ruleIdOf(real, model.made - ago));
      const input = { GroupId: groupIdOf(real, name), SecurityGroupRuleIds };
      return revokeWith(ec2, real, new RevokeSecurityGroupIngressCommand(input));
    },
  ),
);

const revokeSaying = fc.tuple(group, sayings).map(([name, asked]) =>
  call(
    `RevokeByProperties ${name} ${text(asked)}`,
    (model) => model.revokeSaying(name, asked),
    (ec2, real) => {
      const IpPermissions = asked.map((one) => toPermission(real, one));
      const input = { GroupId: groupIdOf(real, name), IpPermissions };
      return revokeWith(ec2, real, new RevokeSecurityGroupIngressCommand(input));
    },
  ),
);

const describeGroup = group.map((name) =>
  call(
    `DescribeByGroup ${name}`,
    (model) => model.describe(name),
    async (ec2, real) => {
      const Filters = [{ Name: 'group-id', Values: [groupIdOf(real, name)] }];
      const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
      return SecurityGroupRules.filter(({ IsEgress }) => !IsEgress)
        .sort((a, b) => numberOf(real, a.SecurityGroupRuleId) - numberOf(real, b.SecurityGroupRuleId))
        .map((rule) => told(real, rule));
    },
  ),
);

const describeRule = since.map((ago) =>
  call(
    `DescribeById ${ago} ago`,
    (model) => model.describeOne(model.made - ago),
    async (ec2, real, model) => {
      const SecurityGroupRuleIds = [ruleIdOf(real, model.made - ago)];
      const { SecurityGroupRules = [] } = await ec2.send(
        new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds }),
      );
      return SecurityGroupRules.map((rule) => told(real, rule));
    },
  ),
);

const pass = fc.constantFrom(1, LAG / 2, LAG - 1, LAG).map(
  (ms): Call => ({
    check: () => true,
    toString: () => `${ms} ms pass`,
    async run(model, { endpoint }) {
      endpoint.clock.advance(ms);
      model.pass(ms);
    },
  }),
);

const calls = fc.commands(
  [
    group.map(create),
    fc.constantFrom('web', 'web', 'web', ELSEWHERE, 'caches').map(remove),
    ...Array(3).fill(fc.tuple(group, sayings).map(([name, asked]) => authorize(name, asked))),
    ...[modify, modify, revoke, revokeSaying],
    ...[describeGroup, describeGroup, describeRule, pass],
  ],
  { maxCommands: 80, size: 'max' },
);

/** Every answer there is. */
const ANSWERS = {
  CreateSecurityGroup: ['InvalidGroup.Duplicate'],
  DeleteSecurityGroup: ['DependencyViolation', 'InvalidGroup.NotFound'],
  AuthorizeSecurityGroupIngress: [
    'InvalidGroup.NotFound',
    'InvalidParameterValue',
    'InvalidPermission.Duplicate',
    'RulesPerSecurityGroupLimitExceeded',
  ],
  ModifySecurityGroupRules: [
    'InvalidGroup.NotFound',
    'InvalidPermission.Duplicate',
    'InvalidSecurityGroupRuleId.NotFound',
    'RulesPerSecurityGroupLimitExceeded',
  ],
  RevokeById: ['InvalidGroup.NotFound', 'InvalidSecurityGroupRuleId.NotFound'],
  RevokeByProperties: ['InvalidGroup.NotFound', 'InvalidParameterValue', 'InvalidPermission.NotFound'],
  DescribeByGroup: [],
  DescribeById: ['InvalidSecurityGroupRuleId.NotFound'],
};

test('the local EC2 answers any calls about rules, in any order, as a plain model of it does', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(calls, fc.constantFrom(0, LAG), async (commands, lagMs) => {
      const endpoint = await startEndpoint({ rulesPerSecurityGroup: QUOTA, describeLagMs: lagMs });
      const real: Real = { endpoint, groupIds: new Map(), ruleIds: [], seen };
      const model = new ReferenceRules({ quota: QUOTA, lagMs });
      try {
        for (const name of ['caches', 'web', ELSEWHERE]) await create(name).run(model, real);
        await authorize('caches', FIRST_RULES).run(model, real);
        await fc.asyncModelRun(() => ({ model, real }), commands);
      } finally {
        await endpoint.close();
      }
    }),
    times(40),
  );

  const all = Object.entries(ANSWERS).flatMap(([name, errors]) => ['done', ...errors].map((end) => `${name}: ${end}`));
  expect([...seen].sort()).toEqual(all.sort());
});
