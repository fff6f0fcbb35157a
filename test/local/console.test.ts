import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  type EC2Client,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import { CreateServerlessCacheCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { BusEvent } from '../../src/local/cloudtrail-record.ts';
import type { LocalAws } from '../../src/local/local-aws.ts';
import { sampleEvent, withChanges } from '../events/sample-events.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { type Deployment, startGuardedConsole } from '../support/local-aws/console.ts';
import { createSessions } from '../support/local-aws/create-sessions.ts';
import { authorize, createGroup, ec2ClientFor, ingressOf, tcp } from '../support/local-aws/local-ec2.ts';
import { administratorOf, credentials } from '../support/local-aws/local-elasticache.ts';
import { startBrowser } from '../support/wire/browser.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** The page as a person sees it, and what went wrong in it. */
async function visit(url: string, look: { readonly width?: number; readonly colorScheme?: 'light' | 'dark' } = {}) {
  const { width = 1280, colorScheme = 'light' } = look;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, reducedMotion: 'reduce' });
  onTestFinished(() => context.close());
  const troubles: string[] = [];
  context.on('console', (message) => {
    if (message.type() !== 'log') troubles.push(`${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (error) => troubles.push(String(error.error())));
  context.on('requestfailed', (request) => troubles.push(`${request.url()}: ${request.failure()?.errorText}`));
  context.on('response', (response) => {
    if (response.status() >= 400) troubles.push(`${response.url()}: ${response.status()}`);
  });
  context.on('dialog', (dialog) => troubles.push(`dialog: ${dialog.message()}`));
  const page = await context.newPage();
  await page.goto(`${url}/`);
  await page.getByText('Live', { exact: true }).waitFor();
  return { page, troubles };
}

const OFFICE = '10.0.0.0/16';
/** Lets the office reach `sessions`, and `web` of the account itself the cache security group of that name. */
const ALLOWLIST = `version: 1
rules:
  - id: office
    caches: [sessions]
    cidrs: [${OFFICE}]
  - id: web-to-sessions
    cacheSecurityGroups: [sessions]
    ec2SecurityGroups: [web]
    ownerIds: [self]
`;

async function guarded(mode: 'report-only' | 'enforce', rest: Omit<Deployment, 'guard'> = {}) {
  return await startGuardedConsole({ guard: { mode, allowlist: await allowlistFile(ALLOWLIST) }, ...rest });
}

/** The cache `sessions` behind a security group of its own. */
async function addSessions(url: string, region: string = REGION) {
  const ec2 = ec2ClientFor(url, region);
  const elastiCache = new ElastiCacheClient({ region, endpoint: url, credentials });
  onTestFinished(() => elastiCache.destroy());
  const groupId = await createGroup(ec2);
  await createSessions(elastiCache, groupId);
  return { ec2, elastiCache, groupId };
}

const open = (ec2: EC2Client, groupId: string, source: Omit<IpPermission, 'IpProtocol'>) =>
  authorize(ec2, groupId, tcp(6379, source));

const cache = (page: Page, name = 'sessions'): Locator => page.getByRole('article', { name: `Cache ${name}` });
const form = (page: Page): Locator => page.locator('form#open');
const decisions = (page: Page): Locator => page.getByRole('region', { name: 'Decisions' }).locator('.decision');
const badge = (within: Locator, words: string): Locator => within.locator('.badge', { hasText: words }).first();

describe('the console page', () => {
  test('loads without an error and says account, region, mode and allowlist', async () => {
    const allowlist = await allowlistFile(ALLOWLIST);
    const { aws } = await startGuardedConsole({ guard: { mode: 'enforce', allowlist } });

    const { page, troubles } = await visit(aws.url);

    const facts = page.locator('#about');
    for (const fact of [ACCOUNT, REGION, 'enforce', allowlist]) expect(await facts.innerText()).toContain(fact);
    expect(await page.locator('#notice').isVisible()).toBe(false);
    expect(troubles).toEqual([]);
  });

  test('says what to do while there is nothing to see, and makes the first cache', async () => {
    const { aws } = await guarded('enforce');
    const { page, troubles } = await visit(aws.url);
    expect(await page.locator('#no-decisions').innerText()).toContain(aws.url);
    await page.getByText('There is no cache yet.').waitFor();
    expect(await form(page).isVisible()).toBe(false);

    await page.getByRole('button', { name: 'Create' }).click();

    await cache(page).getByText('No rule: no one gets in.').waitFor();
    expect(await cache(page).innerText()).toContain('port 6379');
    expect(await form(page).getByLabel('Port').inputValue()).toBe('6379');
    expect(troubles).toEqual([]);
  });

  test('says plainly that it only reports, and that nothing is evaluated', async () => {
    const reporting = await guarded('report-only');
    const unguarded = await startGuardedConsole();
    const { ec2, groupId } = await addSessions(unguarded.aws.url);
    await open(ec2, groupId, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] });

    const { page: reportOnly } = await visit(reporting.aws.url);
    const { page: noEnforcer } = await visit(unguarded.aws.url);

    expect(await reportOnly.locator('#notice').innerText()).toContain('Report-only.');
    expect(await noEnforcer.locator('#notice').innerText()).toContain('Nothing is evaluated.');
    await badge(cache(noEnforcer), 'not evaluated').waitFor();
    expect(await noEnforcer.locator('#no-decisions').innerText()).toContain('nothing is decided');
  });

  test('opens a port to a range by keyboard alone, and shows its revocation with the way from the call', async () => {
    const { aws } = await guarded('enforce');
    const { ec2, groupId } = await addSessions(aws.url);
    await aws.idle();
    const { page, troubles } = await visit(aws.url);
    await cache(page).waitFor();

    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Skip to the decisions');
    await cache(page).getByRole('button', { name: 'Open a port of sessions' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.locator(':focus').getAttribute('id')).toBe('source');
    await page.keyboard.type('192.0.2.0/24');
    await page.keyboard.press('Enter');

    await form(page).getByText('Opened port 6379 of sessions to 192.0.2.0/24').waitFor();
    const decision = decisions(page).first();
    await badge(decision, 'revoked').waitFor();
    expect(await decision.getByRole('heading').innerText()).toBe('sessions:6379 from 192.0.2.0/24');
    expect(await decision.innerText()).toContain('Rule office covers the cache but not CIDR 192.0.2.0/24');
    expect(await decision.innerText()).toMatch(new RegExp(`by rule sgr-[0-9a-f]{17} of ${groupId}`));
    await decision.getByText('Lambda answers: revoked').waitFor();
    const steps = await decision
      .getByRole('list', { name: 'From the call to the outcome' })
      .getByRole('listitem')
      .allInnerTexts();
    expect(steps).toEqual([
      expect.stringMatching(/^1?\s*Call 0 ms$/),
      expect.stringContaining('CloudTrail writes the event'),
      expect.stringContaining('EventBridge delivers it'),
      expect.stringContaining('enforceSecurityGroup starts'),
      expect.stringContaining('Revoke accepted'),
      expect.stringContaining('Lambda answers: revoked'),
    ]);
    expect(await decision.locator('.way .stop').count()).toBe(steps.length);
    await cache(page).getByText('No rule: no one gets in.').waitFor();
    expect(await ingressOf(ec2, groupId)).toEqual([]);
    expect(troubles).toEqual([]);
  });

  test('opens a port to a security group, and to a prefix list', async () => {
    const { aws } = await guarded('report-only');
    const { ec2, groupId } = await addSessions(aws.url);
    const { PrefixList } = await ec2.send(
      new CreateManagedPrefixListCommand({
        PrefixListName: 'offices',
        AddressFamily: 'IPv4',
        MaxEntries: 1,
        Entries: [{ Cidr: OFFICE }],
      }),
    );
    const web = await createGroup(ec2, 'web');
    const { page } = await visit(aws.url);
    await cache(page).waitFor();

    await form(page).getByLabel('Security group', { exact: true }).first().check();
    await form(page).getByRole('combobox', { name: 'Security group', exact: true }).fill(web);
    await form(page).getByLabel('Description').fill('the web servers');
    await form(page).getByRole('button', { name: 'Open the port' }).click();
    await badge(cache(page), 'would revoke').waitFor();
    await form(page).getByLabel('Prefix list', { exact: true }).first().check();
    await form(page)
      .getByRole('combobox', { name: 'Prefix list' })
      .fill(PrefixList?.PrefixListId ?? '');
    await form(page).getByRole('button', { name: 'Open the port' }).click();

    await decisions(page)
      .getByRole('heading', { name: `sessions:6379 from ${PrefixList?.PrefixListId}` })
      .waitFor();
    const rules = await ingressOf(ec2, groupId);
    expect(rules.map((rule) => [rule.ReferencedGroupInfo?.GroupId ?? rule.PrefixListId, rule.Description])).toEqual(
      expect.arrayContaining([
        [web, 'the web servers'],
        [PrefixList?.PrefixListId, undefined],
      ]),
    );
    expect(await cache(page).innerText()).toContain(`${web} (web) of ${ACCOUNT}`);
  });

  test('shows what stood before anyone looked, evaluated as an audit does, the worst first', async () => {
    const { aws } = await guarded('enforce');
    const region = aws.accounts.home.region(REGION);
    const { groupId, elastiCache } = await addSessions(aws.url);
    await aws.idle();
    for (const cidrIpv4 of [OFFICE, '198.51.100.0/24']) {
      region?.securityGroupRules.add(groupId, [
        { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, source: { cidrIpv4 } },
      ]);
    }
    region?.securityGroupRules.add(groupId, [
      { ipProtocol: 'tcp', fromPort: 22, toPort: 22, source: { cidrIpv4: OFFICE } },
    ]);
    await elastiCache.send(new CreateServerlessCacheCommand({ ServerlessCacheName: 'unknown', Engine: 'valkey' }));

    const { page } = await visit(aws.url);

    const rules = cache(page).locator('.rule');
    await badge(rules.nth(0), 'not allowed').waitFor();
    expect(await rules.nth(0).innerText()).toContain('The next audit revokes it.');
    expect(await badge(rules.nth(1), 'allowed').isVisible()).toBe(true);
    expect(await rules.nth(1).innerText()).toContain('Allowlist rule office allows it');
    expect(await rules.nth(2).innerText()).toContain('opens no port of a cache');
    await page.getByText('Not everything could be evaluated.').waitFor();
    expect(await page.locator('#cache-list .notice').innerText()).toContain(
      'which security groups guard it is not known',
    );
  });

  test('undoes a revocation: says what to allow, makes the rule again, and shows what came of it', async () => {
    const allowlist = await allowlistFile(ALLOWLIST);
    const { aws } = await startGuardedConsole({ guard: { mode: 'enforce', allowlist } });
    const { ec2, groupId } = await addSessions(aws.url);
    await aws.idle();
    await open(ec2, groupId, { IpRanges: [{ CidrIp: '192.0.2.0/24', Description: 'the lab' }] });
    const { page, troubles } = await visit(aws.url);
    await badge(decisions(page).first(), 'revoked').waitFor();

    await decisions(page).first().getByRole('button', { name: 'Undo' }).click();

    const panel = page.locator('.undo');
    await panel.getByText('The allowlist does not allow it').waitFor();
    const rule = (await panel.locator('pre').innerText()).split('\n');
    expect(rule[0]).toBe('- id: undo-sessions');
    expect(rule).toContain('    - 192.0.2.0/24');
    await panel.getByRole('button', { name: 'Make the rule again' }).click();
    await panel.getByText('Made again').waitFor();
    await expect.poll(() => decisions(page).locator('.outcome .badge', { hasText: 'revoked' }).count()).toBe(2);
    expect(await ingressOf(ec2, groupId)).toEqual([]);
    expect(await panel.isVisible()).toBe(true);
    expect(troubles).toEqual([]);
  });

  test('revokes a rule that a person takes away', async () => {
    const { aws } = await guarded('report-only');
    const { ec2, groupId } = await addSessions(aws.url);
    await open(ec2, groupId, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] });
    const { page } = await visit(aws.url);

    await cache(page)
      .getByRole('button', { name: /^Revoke sgr-[0-9a-f]+, which allows access from 192\.0\.2\.0\/24$/ })
      .click();

    await cache(page).getByText('No rule: no one gets in.').waitFor();
    expect(await ingressOf(ec2, groupId)).toEqual([]);
  });

  test('makes one call for two quick clicks', async () => {
    const { aws } = await guarded('report-only');
    const { ec2, groupId } = await addSessions(aws.url);
    await open(ec2, groupId, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] });
    const { page } = await visit(aws.url);
    const calls: string[] = [];
    const held = Promise.withResolvers<void>();
    await page.route('**/console/calls?*', async (route) => {
      calls.push(route.request().postData() ?? '');
      await held.promise;
      await route.continue();
    });

    const revoke = cache(page).getByRole('button', { name: /^Revoke sgr-/ });
    await revoke.dblclick();
    held.resolve();

    await cache(page).getByText('No rule: no one gets in.').waitFor();
    expect(calls).toHaveLength(1);
  });

  test('keeps the error of a revocation, and the focus on its button, when another rule comes', async () => {
    const { aws } = await guarded('report-only');
    const { ec2, elastiCache, groupId } = await addSessions(aws.url);
    await elastiCache.send(
      new CreateServerlessCacheCommand({ ServerlessCacheName: 'carts', Engine: 'valkey', SecurityGroupIds: [groupId] }),
    );
    await open(ec2, groupId, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] });
    const { page } = await visit(aws.url);
    await page.route('**/console/calls?*', (route) => route.fulfill({ json: { problem: 'It was cut.' } }));
    // Its group guards both caches: the rule has a button in each card.
    const first = page.getByRole('article').first();
    await first.getByRole('button', { name: /^Revoke sgr-/ }).click();
    await first.getByText('It was cut.').waitFor();

    await open(ec2, groupId, { IpRanges: [{ CidrIp: '198.51.100.0/24' }] });

    await first.getByText('198.51.100.0/24', { exact: true }).first().waitFor();
    expect(await first.getByText('It was cut.').isVisible()).toBe(true);
    const focused = first.locator('.rule', { hasText: '192.0.2.0/24' }).locator('button:focus');
    expect(await focused.count()).toBe(1);
  });

  test('keeps what a person types while a call is on its way', async () => {
    const { aws } = await startGuardedConsole();
    await addSessions(aws.url);
    const { page } = await visit(aws.url);
    await cache(page).waitFor();
    const held = Promise.withResolvers<void>();
    await page.route('**/console/calls?*', async (route) => {
      await held.promise;
      await route.continue();
    });
    const range = form(page).getByRole('combobox', { name: 'Range' });
    await range.fill('192.0.2.0/24');
    await form(page).getByLabel('Description').fill('the lab');
    await form(page).getByRole('button', { name: 'Open the port' }).click();

    await range.fill('198.51.100.0/24');
    held.resolve();

    await form(page).getByText('Opened port 6379').waitFor();
    expect(await range.inputValue()).toBe('198.51.100.0/24');
    expect(await form(page).getByLabel('Description').inputValue()).toBe('');
  });

  test('keeps the focus where it is when the stream of decisions begins again', async () => {
    const { aws } = await guarded('enforce');
    const { ec2, groupId } = await addSessions(aws.url);
    await aws.idle();
    await open(ec2, groupId, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] });
    const { page } = await visit(aws.url);
    const focused = () => page.evaluate('document.activeElement?.textContent');
    /** As a person does who looks at another tab, and comes back. */
    const comeBack = async () => {
      const before = await decisions(page).first().elementHandle();
      await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
      await expect.poll(() => before?.evaluate((item) => item.isConnected)).toBe(false);
    };
    await decisions(page).first().getByRole('button', { name: 'Undo' }).focus();

    await comeBack();

    expect(await focused()).toBe('Undo');
    await page.keyboard.press('Enter');
    await page.locator('.undo').getByText('The allowlist does not allow it').waitFor();
    await page.getByRole('button', { name: 'Make the rule again' }).focus();
    await comeBack();
    expect(await focused()).toBe('Make the rule again');
  });

  test('never undoes what another local AWS decided, which was on the same port before', async () => {
    const before = await guarded('enforce');
    const sessions = await addSessions(before.aws.url);
    await before.aws.idle();
    await open(sessions.ec2, sessions.groupId, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] });
    const { page } = await visit(before.aws.url);
    await badge(decisions(page).first(), 'revoked').waitFor();
    await decisions(page).first().getByRole('button', { name: 'Undo' }).click();
    await page.locator('.undo').getByText('The allowlist does not allow it').waitFor();
    await before.close();

    const after = await guarded('enforce', { port: Number(new URL(before.aws.url).port) });
    const again = await addSessions(after.aws.url);
    await after.aws.idle();
    await open(again.ec2, again.groupId, { IpRanges: [{ CidrIp: '198.51.100.0/24' }] });

    await decisions(page).first().getByText('198.51.100.0/24', { exact: true }).first().waitFor();
    await badge(decisions(page).first(), 'revoked').waitFor();
    expect(await page.locator('.undo').count()).toBe(0);
  });

  test('opens a port in the region that the cache is in', async () => {
    const { aws } = await startGuardedConsole({ regions: [REGION, 'eu-west-1'] });
    const { ec2, groupId } = await addSessions(aws.url, 'eu-west-1');
    const { page } = await visit(aws.url);

    await cache(page).getByRole('button', { name: 'Open a port of sessions' }).click();
    await form(page).getByRole('combobox', { name: 'Range' }).fill(OFFICE);
    await form(page).getByRole('button', { name: 'Open the port' }).click();

    await cache(page).getByText(OFFICE).waitFor();
    expect(await ingressOf(ec2, groupId)).toMatchObject([{ CidrIpv4: OFFICE }]);
  });

  test('shows each account of an organization, opens a cache there, and names it in the decision', async () => {
    const member = '200000000001';
    const { aws } = await guarded('enforce', { memberId: member });
    const { page } = await visit(aws.url);

    await page.getByLabel('Account', { exact: true }).selectOption(member);
    await page.getByRole('button', { name: 'Create' }).click();
    await cache(page).getByText('port 6379').waitFor();
    await form(page).getByRole('combobox', { name: 'Range' }).fill('0.0.0.0/0');
    await form(page).getByRole('button', { name: 'Open the port' }).click();

    await cache(page).getByText('0.0.0.0/0', { exact: true }).first().waitFor();
    expect(aws.accounts.find(member)?.region(REGION)?.caches.clusters.all(false)).toHaveLength(1);
    expect(aws.accounts.home.region(REGION)?.caches.clusters.all(false)).toHaveLength(0);
    await badge(cache(page), 'not allowed').waitFor();
    expect(await decisions(page).first().innerText()).toContain(`member-1 (${member})`);
  });

  test("shows the API's own error where a call is refused, and keeps what was typed", async () => {
    const { aws } = await startGuardedConsole();
    await addSessions(aws.url);
    const { page, troubles } = await visit(aws.url);
    await cache(page).waitFor();

    await form(page).getByRole('combobox', { name: 'Range' }).fill('192.0.2.0/33');
    await form(page).getByRole('button', { name: 'Open the port' }).click();

    const error = form(page).getByRole('alert');
    await error.getByText('InvalidParameterValue').waitFor();
    expect(await error.innerText()).toContain('192.0.2.0/33');
    expect(await form(page).getByRole('combobox', { name: 'Range' }).inputValue()).toBe('192.0.2.0/33');
    expect(troubles).toEqual([]);
  });

  const createForm = (page: Page): Locator => page.locator('form#create');
  async function refuseCache(page: Page, name: string): Promise<string> {
    await createForm(page).getByLabel('New cache').fill(name);
    await createForm(page).getByRole('button', { name: 'Create' }).click();
    const alert = createForm(page).getByRole('alert');
    await alert.getByText('CreateCacheCluster', { exact: true }).waitFor();
    return await alert.innerText();
  }
  const groupNames = (aws: LocalAws) =>
    aws.accounts.home
      .region(REGION)
      ?.securityGroups.list()
      .map(({ groupName }) => groupName);

  test.each([
    ['that cannot be', '9 sessions', 'InvalidParameterValue'],
    ['that there is already', 'sessions-001', 'CacheClusterAlreadyExists'],
  ])('leaves no security group behind where a cache has a name %s', async (_, name, code) => {
    const { aws } = await startGuardedConsole();
    await addSessions(aws.url);
    const before = groupNames(aws);
    const { page, troubles } = await visit(aws.url);
    await cache(page).waitFor();

    const said = await refuseCache(page, name);

    expect(said).toContain(code);
    expect(groupNames(aws)).toEqual(before);
    expect(troubles).toEqual([]);
  });

  test('keeps the security group that there was before a cache of its name was refused', async () => {
    const { aws } = await startGuardedConsole();
    const { ec2, groupId } = await addSessions(aws.url);
    const before = await createGroup(ec2, '9-sessions');
    await open(ec2, groupId, { UserIdGroupPairs: [{ GroupId: before }] });
    const { page } = await visit(aws.url);
    await cache(page).getByText(before).first().waitFor();

    await refuseCache(page, '9-sessions');

    expect(groupNames(aws)).toContain('9-sessions');
  });

  test('says that the security group of a refused cache is still there where something uses it by now', async () => {
    const { aws } = await startGuardedConsole();
    const { ec2, groupId } = await addSessions(aws.url);
    const { page } = await visit(aws.url);
    await cache(page).waitFor();
    let used: string | null = null;
    await page.route('**/console/calls?*', async (route) => {
      const sent = new URLSearchParams(route.request().postData() ?? '');
      used ??= sent.get('SecurityGroupIds.SecurityGroupId.1');
      if (sent.get('Action') === 'CreateCacheCluster')
        await open(ec2, groupId, { UserIdGroupPairs: [{ GroupId: used as string }] });
      await route.continue();
    });

    const said = await refuseCache(page, '9-sessions');

    expect(said).toContain(`Security group ${used} was created for it, and is still there.`);
    expect(groupNames(aws)).toContain('9-sessions');
  });

  test('shows hostile names and messages as the text that they are', async () => {
    const { aws } = await guarded('enforce');
    const { page, troubles } = await visit(aws.url);
    const markup = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    const { ec2, groupId } = await addSessions(aws.url);
    const hostile = '&lt;b&gt;{{7*7}}[x](#,@+=;!$*)/:._-';
    await open(ec2, groupId, { IpRanges: [{ CidrIp: OFFICE, Description: hostile }] });
    await cache(page).getByText(`“${hostile}”`).waitFor();

    const event = withChanges(sampleEvent('authorize-ingress'), {
      'detail.requestID': 'by-hand',
      'detail.eventID': 'by-hand',
      'detail.eventName': 'AuthorizeCacheSecurityGroupIngress',
      'detail.requestParameters.cacheSecurityGroupName': markup,
      'detail.requestParameters.eC2SecurityGroupName': `\u202e${markup}`,
    });
    void aws.deliver(event as BusEvent);

    await badge(decisions(page), 'rejected').waitFor();
    await page.getByText('onerror=alert(1)').first().waitFor();
    expect(await page.locator('#decisions img, #decisions script, #caches img, #caches b').count()).toBe(0);
    expect(await page.locator('body').innerText()).not.toContain('\u202e');
    expect(troubles).toEqual([]);
  });

  test('shows a late visitor what happened before, without talking about it', async () => {
    const { aws } = await guarded('enforce');
    const { ec2, groupId } = await addSessions(aws.url);
    await aws.idle();
    await open(ec2, groupId, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] });
    await aws.idle();

    const { page } = await visit(aws.url);

    await badge(decisions(page), 'revoked').waitFor();
    expect(await page.locator('#news').innerText()).toBe('');
    await open(ec2, groupId, { IpRanges: [{ CidrIp: OFFICE }] });
    await page.locator('#news', { hasText: `sessions:6379 from ${OFFICE}: allowed` }).waitFor({ state: 'attached' });
  });

  test('leads past the forms to the decisions with its first link', async () => {
    const { aws } = await startGuardedConsole();
    const { page } = await visit(aws.url);

    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');

    await page.locator('#decisions:focus').waitFor();
  });

  test('says that the local AWS is gone, which ends though the page is open', async () => {
    const { aws, close } = await startGuardedConsole();
    const { page } = await visit(aws.url);

    await close();

    await page.getByText('Connection lost, trying again').waitFor();
  });
});

describe('the tab of EC2-Classic', () => {
  test('is reached with an arrow key, and shows a grant, its statuses and its revocation', async () => {
    const { aws } = await guarded('enforce');
    const { page, troubles } = await visit(aws.url);
    await page.getByRole('tab', { name: 'Caches' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator(':focus').innerText()).toBe('EC2-Classic');
    const tab = page.getByRole('tabpanel', { name: 'EC2-Classic' });

    await tab.getByLabel('Cache security group', { exact: true }).fill('Sessions');
    await tab.getByLabel('EC2 security group', { exact: true }).fill('web');
    await tab.getByRole('button', { name: 'Authorize' }).click();
    await badge(tab, 'allowed').waitFor();
    await tab.getByText('authorized', { exact: true }).waitFor();
    await tab.getByLabel('Account of that group').fill(STRANGER);
    await tab.getByRole('button', { name: 'Authorize' }).click();

    const decision = decisions(page).first();
    await badge(decision, 'revoked').waitFor();
    expect(await decision.getByRole('heading').innerText()).toBe(`sessions from web of ${STRANGER}`);
    await page.locator('#classic-list').getByText(STRANGER).waitFor({ state: 'detached' });
    await decision.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Make the grant again' }).click();
    await page.getByText('Authorized web again.').waitFor();
    await expect.poll(() => decisions(page).locator('.outcome .badge', { hasText: 'revoked' }).count()).toBe(2);
    expect(troubles).toEqual([]);
  });

  test('leaves no cache security group behind where its first grant is refused', async () => {
    const { aws } = await guarded('enforce');
    const { page, troubles } = await visit(aws.url);
    await page.getByRole('tab', { name: 'EC2-Classic' }).click();
    const tab = page.getByRole('tabpanel', { name: 'EC2-Classic' });

    await tab.getByLabel('Cache security group', { exact: true }).fill('sessions');
    await tab.getByLabel('EC2 security group', { exact: true }).fill('web');
    await tab.getByLabel('Account of that group').fill('42');
    await tab.getByRole('button', { name: 'Authorize' }).click();

    await tab.getByRole('alert').getByText('AuthorizeCacheSecurityGroupIngress', { exact: true }).waitFor();
    const groups = aws.accounts.home.region(REGION)?.cacheSecurityGroups.list('', 100) ?? [];
    expect(groups.map(({ CacheSecurityGroupName }) => CacheSecurityGroupName)).toEqual(['default']);
    expect(troubles).toEqual([]);
  });

  test('says that an account has none', async () => {
    const { aws } = await guarded('enforce', { vpcOnly: true });
    const { page } = await visit(aws.url);

    await page.getByRole('tab', { name: 'EC2-Classic' }).click();

    await page.getByText('This account has no EC2-Classic').waitFor();
    expect(await page.locator('form#authorize').isVisible()).toBe(false);
  });
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each([1280, 360])('at %i px, axe finds no violation and nothing needs scrolling sideways', async (width) => {
    const { aws } = await guarded('report-only');
    const { page } = await visit(aws.url, { width, colorScheme });
    const check = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    };
    await check();

    const { ec2, groupId } = await addSessions(aws.url);
    await open(ec2, groupId, { IpRanges: [{ CidrIp: OFFICE, Description: 'x'.repeat(255) }, { CidrIp: '0.0.0.0/0' }] });
    await open(ec2, groupId, { Ipv6Ranges: [{ CidrIpv6: '2001:db8:1111:2222:3333:4444:5555:6666/128' }] });
    const administrator = administratorOf(aws.url);
    await administrator.create();
    await administrator.authorize('x'.repeat(255), STRANGER);
    await aws.idle();
    await form(page).getByRole('combobox', { name: 'Range' }).fill('nonsense');
    await form(page).getByRole('button', { name: 'Open the port' }).click();
    await form(page).getByRole('alert').getByText('InvalidParameterValue').waitFor();
    await badge(cache(page), 'would revoke').waitFor();
    await check();
    await page.getByRole('tab', { name: 'EC2-Classic' }).click();
    await badge(page.getByRole('tabpanel', { name: 'EC2-Classic' }), 'would revoke').waitFor();
    await check();
  });
});

test('with an undo panel open, axe finds no violation', async () => {
  const { aws } = await guarded('enforce');
  const { ec2, groupId } = await addSessions(aws.url);
  await aws.idle();
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: groupId,
      IpPermissions: [tcp(6379, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] })],
    }),
  );
  const { page } = await visit(aws.url, { width: 390, colorScheme: 'dark' });
  await decisions(page).first().getByRole('button', { name: 'Undo' }).click();
  await page.getByText('To allow it').waitFor();

  const { violations } = await new AxeBuilder({ page }).analyze();

  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
});
