import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, test } from 'vitest';
import { OUTCOME_SCHEMA_VERSION, OUTCOMES, type Outcome } from '../../src/policy/outcome.ts';
import { sampleEvent, withChanges } from '../events/sample-events.ts';
import { ACCOUNT } from '../support/examples/grants.ts';
import { startAuditGrants } from '../support/functions/audit-grants-function.ts';
import { allowlistFile, startEnforceIngress } from '../support/functions/enforce-ingress-function.ts';
import { startEnforceSecurityGroup, startGuardedCache } from '../support/functions/enforce-security-group-function.ts';
import { startElastiCacheWithGrants } from '../support/local-aws/elasticache-with-grants.ts';
import { authorize, tcp } from '../support/local-aws/local-ec2.ts';
import { REGION_THAT_IS_DOWN, startAuditedElastiCache } from '../support/scripted/audited-elasticache.ts';

const SCHEMA = JSON.parse(readFileSync(new URL('../../schema/outcome-event.schema.json', import.meta.url), 'utf8'));
/** What the schema says of an outcome, of an audit and of a failure, each alone. */
const [outcomeOf, auditOf, failureOf] = SCHEMA.anyOf.map((one: object) => new Ajv().compile(one)) as [
  ValidateFunction,
  ValidateFunction,
  ValidateFunction,
];

/** Holds a value, as it is on the bus or in the log, against one part of the schema, and the schema against it. */
function expectValid(part: ValidateFunction, value: unknown): void {
  const sent = JSON.parse(JSON.stringify(value));
  const valid = part(sent);

  expect(part.errors).toBeNull();
  expect(valid).toBe(true);
  expect(new Ajv().validate(SCHEMA, sent)).toBe(true);
  expect(part({ ...sent, later: 'a key of a later version' })).toBe(true);
}

const strangersEvent = sampleEvent('authorize-ingress');
const ownEvent = withChanges(strangersEvent, { 'detail.requestParameters.eC2SecurityGroupOwnerId': ACCOUNT });
const heartbeat = withChanges(strangersEvent, { source: 'ingress-guard.heartbeat' });
const malformed = withChanges(strangersEvent, { 'detail.requestParameters.eC2SecurityGroupName': undefined });
const calledByNobody = withChanges(strangersEvent, {
  time: undefined,
  'detail.eventTime': undefined,
  'detail.userIdentity': undefined,
});

type Try = readonly [
  outcome: Outcome,
  what: string,
  event: unknown,
  how: { vpcOnly?: boolean; mode?: string; times?: number },
];
const RETURNED: readonly Try[] = [
  ['allowed', 'a grant that a rule allows', ownEvent, {}],
  ['revoked', 'a grant that no rule allows', strangersEvent, {}],
  ['revoked', 'an event that says neither when nor who', calledByNobody, {}],
  ['already-gone', 'a second delivery', strangersEvent, { times: 2 }],
  ['would-revoke', 'report-only', strangersEvent, { mode: 'report-only' }],
  ['not-applicable', 'no EC2-Classic', strangersEvent, { vpcOnly: true }],
  ['ignored', 'another call', sampleEvent('revoke-ingress'), {}],
  ['ignored', 'a heartbeat', heartbeat, {}],
];
const THROWN: readonly Try[] = [
  ['rejected', 'a malformed event', malformed, {}],
  ['rejected', 'no event at all', {}, {}],
  ['failed', 'nothing to judge by', strangersEvent, { mode: 'no such mode' }],
  ['failed', 'a heartbeat with nothing to judge by', heartbeat, { mode: 'no such mode' }],
];
const AUDITED: readonly (readonly [outcome: Outcome, denied: number, environment: Record<string, string>])[] = [
  ['allowed', 0, {}],
  ['revoked', 2, {}],
  ['would-revoke', 2, { INGRESS_GUARD_MODE: 'report-only' }],
  ['held', 12, {}],
  ['revoked', 1, { INGRESS_GUARD_REGIONS: `us-east-1,${REGION_THAT_IS_DOWN}` }],
];

test('every outcome is tried here', () => {
  const tried = [...RETURNED, ...THROWN, ...AUDITED].map(([outcome]) => outcome);

  expect(new Set([...tried, 'pending'])).toEqual(new Set(OUTCOMES));
});

/** Invokes the function that events invoke, with an ElastiCache in which the grants of the events stand. */
async function enforce(event: unknown, { vpcOnly = false, mode = 'enforce', times = 1 }: Try[3]) {
  const { environment } = await startElastiCacheWithGrants({ vpcOnly });
  const invoke = await startEnforceIngress({
    ...environment,
    INGRESS_GUARD_ALLOWLIST: await allowlistFile(),
    INGRESS_GUARD_MODE: mode,
  });
  for (let before = 1; before < times; before++) await invoke(event);
  return await invoke(event);
}

describe('what the function returns for an event', () => {
  test.each(RETURNED)('is as the schema says, and so is its line: %s, %s', async (outcome, _, event, how) => {
    const { result, decisions } = await enforce(event, how);

    expect(result).toMatchObject({ schemaVersion: OUTCOME_SCHEMA_VERSION, outcome });
    for (const one of [result, ...decisions]) expectValid(outcomeOf, one);
  });
});

test('what the function for security groups returns for a cache that is being created is as the schema says', async () => {
  const account = await startGuardedCache({ creatingMs: 3_600_000 });
  const invoke = await startEnforceSecurityGroup(account.environment);
  await authorize(account.ec2, account.groupId, tcp(6379, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }));

  const { result, decisions } = await invoke(await account.eventOf('CreateReplicationGroup'));

  expect(result).toMatchObject({ outcome: 'pending', awaits: expect.stringContaining('`sessions`') });
  expect(decisions).toMatchObject([{ level: 'WARN', outcome: 'pending', decision: { effect: 'deny' } }]);
  for (const one of [result, ...decisions]) expectValid(outcomeOf, one);
  expect(await account.rules()).toHaveLength(1);
});

describe('what the function throws for an event', () => {
  test.each(THROWN)('is as the schema says, and so is its line: %s, %s', async (outcome, _, event, how) => {
    const { error, decisions } = await enforce(event, how);

    // What Lambda's runtime makes of an error.
    expectValid(failureOf, { errorType: error?.name, errorMessage: error?.message, trace: error?.stack?.split('\n') });
    expect(decisions).toMatchObject([{ schemaVersion: OUTCOME_SCHEMA_VERSION, outcome }]);
    expectValid(outcomeOf, decisions[0]);
  });
});

describe('what an audit returns', () => {
  test.each(AUDITED)('is as the schema says, and so are its lines: %s, %i denied, %j', async (outcome, denied, how) => {
    const { url } = await startAuditedElastiCache({ denied });
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: url, ...how });

    const { result, decisions } = await invoke({});

    expect(result?.counts.outcomes).toHaveProperty(outcome);
    expectValid(auditOf, result);
    expect(decisions).toHaveLength(denied);
    for (const line of decisions) {
      expect(line).toMatchObject({ schemaVersion: OUTCOME_SCHEMA_VERSION, outcome, foundBy: 'audit' });
      expectValid(outcomeOf, line);
    }
  });
});

describe('the schema', () => {
  test.each<[string, object]>([
    ['of a version that readers of this one cannot read', { schemaVersion: '2.0', outcome: 'revoked' }],
    ['without a version', { outcome: 'revoked' }],
    ['with an outcome that there is not', { schemaVersion: '1.0', outcome: 'forgiven' }],
    ['with an instant that is none', { schemaVersion: '1.0', outcome: 'revoked', eventTime: 'yesterday' }],
    ['that is nothing', {}],
  ])('refuses what is %s', (_, value) => {
    expect(new Ajv().validate(SCHEMA, value)).toBe(false);
  });
});
