import { expect, test, vi } from 'vitest';
import type { BusEvent } from '../../src/local/cloudtrail-record.ts';
import type { AccountResult } from '../../src/organization/account-result.ts';
import { ACCOUNT } from '../support/examples/grants.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startEnforceSecurityGroup, VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { startOrganizationFunctions } from '../support/functions/organization-functions.ts';
import { MEMBER } from '../support/local-aws/organization.ts';
import { eventOfRules, startGuardingGroup, strangers } from '../support/scripted/guarding-group.ts';
import { startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';

const RUN = '2026-11-29T01';

/** An invocation that Lambda gives so little time, in milliseconds. */
function shortOf(ms: number) {
  const end = Date.now() + ms;
  const left = () => end - Date.now();
  return { left, context: { getRemainingTimeInMillis: () => Math.max(0, left()) } };
}

/** The event of a rule of a member that lets everyone in. */
async function eventOfOpening({ aws, openCache }: Awaited<ReturnType<typeof startOrganizationFunctions>>) {
  const events: BusEvent[] = [];
  aws.events.on('event', (event) => events.push(event));
  await openCache(MEMBER, '0.0.0.0/0');
  await aws.idle();
  return events.find(({ detail }) => (detail as { eventName?: string }).eventName === 'AuthorizeSecurityGroupIngress');
}

test('an account is evaluated in its time if STS never answers, and is named as not evaluated', async () => {
  await using silent = await startScriptedEndpoint('silence');
  const { start, invoke, stored } = await startOrganizationFunctions();
  await invoke('listTargets', { run: RUN });
  const judge = await start('judgeAccount', { AWS_ENDPOINT_URL_STS: silent.url });
  const { left, context } = shortOf(11_000);

  const { error, result } = await judge({ run: RUN, account: MEMBER }, context);

  expect(error).toBeUndefined();
  expect(left()).toBeGreaterThan(0);
  expect(result).toMatchObject({ account: MEMBER, status: 'judged in part' });
  const { regions } = stored(`runs/${RUN}/${MEMBER}.json`) as AccountResult;
  expect(regions.map((one) => [one.status, 'why' in one && one.why])).toEqual(
    regions.map(() => ['not-judged', 'no-time-left']),
  );
});

test('an event of a member ends in its time if STS never answers, and is failed', async () => {
  await using silent = await startScriptedEndpoint('silence');
  const organization = await startOrganizationFunctions();
  const opening = await eventOfOpening(organization);
  const enforce = await organization.start('enforceSecurityGroup', { AWS_ENDPOINT_URL_STS: silent.url });
  const { left, context } = shortOf(8_000);

  const { error, decisions } = await enforce(opening, context);

  expect(left()).toBeGreaterThan(0);
  expect(error?.name).toBe('EnforcementFailedError');
  expect(decisions.map(({ outcome }) => outcome)).toEqual(['failed']);
});

test('an event of a member ends in its time if STS never gives the session to revoke with, and is failed', async () => {
  let sessions = 0;
  const organization = await startOrganizationFunctions({
    // The first is the one to look with.
    serve: ({ headers }) => /\/sts\/aws4_request/.test(headers.authorization ?? '') && ++sessions > 1,
  });
  const opening = await eventOfOpening(organization);
  const enforce = await organization.start('enforceSecurityGroup');
  const { left, context } = shortOf(8_000);

  const { error, decisions } = await enforce(opening, context);

  expect(left()).toBeGreaterThan(0);
  expect(sessions).toBeGreaterThan(1);
  expect(error?.message).toMatch(/^the grant .* was not revoked: STS gave no session to revoke with within \d+ ms$/);
  expect(decisions.map(({ outcome }) => outcome)).toEqual(['failed']);
});

test('an event of a member ends in its time if the session comes late, and the allowlist cannot be read again', async () => {
  await using silent = await startScriptedEndpoint('silence');
  let sessions = 0;
  const organization = await startOrganizationFunctions({
    // The session to revoke with comes shortly before the time is up.
    serve: (request, response) => {
      if (!/\/sts\/aws4_request/.test(request.headers.authorization ?? '') || ++sessions !== 2) return false;
      setTimeout(() => {
        // What was read counts for a minute. That of another location is read at once.
        vi.stubEnv('INGRESS_GUARD_ALLOWLIST', 'ssm:/guard/allowlist');
        response.writeHead(503, { 'content-length': 0 }).end();
      }, left() - 1_600);
      return true;
    },
  });
  const opening = await eventOfOpening(organization);
  const enforce = await organization.start('enforceSecurityGroup', { AWS_ENDPOINT_URL_SSM: silent.url });
  const { left, context } = shortOf(5_000);

  const { error, decisions } = await enforce(opening, context);

  expect(left()).toBeGreaterThan(0);
  expect(silent.actions.length).toBeGreaterThan(0);
  expect(error?.message).toMatch(/^the grant .* was not revoked: /);
  expect(decisions.map(({ outcome }) => outcome)).toEqual(['failed']);
});

test('an event of a member ends in its time if AWS Organizations never answers, and is failed', async () => {
  await using silent = await startScriptedEndpoint('silence');
  const organization = await startOrganizationFunctions();
  const opening = await eventOfOpening(organization);
  const enforce = await organization.start('enforceSecurityGroup', {
    AWS_ENDPOINT_URL_ORGANIZATIONS: silent.url,
    INGRESS_GUARD_ALLOWLIST: await allowlistFile(`${VPC_ALLOWLIST}    organizationalUnits: [ou-root-production]\n`),
  });
  const { left, context } = shortOf(8_000);

  const { error, decisions } = await enforce(opening, context);

  expect(left()).toBeGreaterThan(0);
  expect(silent.actions).toContain('DescribeAccount');
  expect(error?.name).toBe('EnforcementFailedError');
  expect(decisions.map(({ outcome }) => outcome)).toEqual(['failed']);
});

test('a run is closed in its time if CloudFormation lists stacks without end', async () => {
  let page = 0;
  await using endless = await startScriptedEndpoint((action) => {
    const summary = `<member><Account>${ACCOUNT}</Account><Region>us-east-1</Region><Status>CURRENT</Status></member>`;
    const result = `<Summaries>${summary}</Summaries><NextToken>${page++}</NextToken>`;
    return { status: 200, xml: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>` };
  });
  const { start, invoke, stored } = await startOrganizationFunctions();
  await invoke('listTargets', { run: RUN });
  const close = await start('closeRun', { AWS_ENDPOINT_URL_CLOUDFORMATION: endless.url });
  const { left, context } = shortOf(6_000);

  const { error } = await close({ run: RUN, settle: false }, context);

  expect(error).toBeUndefined();
  expect(left()).toBeGreaterThan(0);
  expect(page).toBeGreaterThan(1);
  expect(stored(`runs/${RUN}/closed.json`)).toMatchObject({ run: RUN, complete: false });
});

test.each(['DescribeCacheClusters', 'DescribeSecurityGroupRules', 'RevokeSecurityGroupIngress'])(
  'an event ends in its time if the answer to %s begins and does not go on, and is failed',
  async (action) => {
    await using group = await startGuardingGroup({
      ranges: strangers(1),
      inPlaceOf: (called) => (called === action ? 'half' : undefined),
    });
    const allowlist = await allowlistFile(VPC_ALLOWLIST);
    const enforce = await startEnforceSecurityGroup({ ...group.environment, INGRESS_GUARD_ALLOWLIST: allowlist });
    const { left, context } = shortOf(8_000);

    const { error, decisions } = await enforce(eventOfRules(0), context);

    expect(left()).toBeGreaterThan(0);
    expect(group.actions).toContain(action);
    expect(error?.name).toBe('EnforcementFailedError');
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['failed']);
  },
);
