import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { BusEvent } from '../../src/local/cloudtrail-record.ts';
import { sampleEvent, withChanges } from '../events/sample-events.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startGuardedConsole } from '../support/local-aws/console.ts';
import { administratorOf } from '../support/local-aws/local-elasticache.ts';
import { startBrowser } from '../support/wire/browser.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** The page as somebody sees it, and what went wrong in it. */
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

const guarded = async (mode: 'report-only' | 'enforce') => ({ guard: { mode, allowlist: await allowlistFile() } });
const groups = (page: Page): Locator => page.getByRole('region', { name: 'Cache security groups' });
const decisions = (page: Page): Locator => page.getByRole('region', { name: 'Decisions' }).locator('.decision');

/** Fills in the form as somebody without a mouse does, from the top of the page. */
async function authorizeByKeyboard(page: Page, [group, ec2, owner]: readonly [string, string, string]): Promise<void> {
  await page.keyboard.press('Tab');
  expect(await page.locator(':focus').innerText()).toBe('Skip to the decisions');
  for (const value of [group, ec2, owner]) {
    await page.keyboard.press('Tab');
    await page.keyboard.type(value);
  }
  await page.keyboard.press('Enter');
}

/** Writes down which statuses the page shows, however shortly; the function it returns gives them, each once. */
async function recordStatuses(page: Page): Promise<() => Promise<unknown>> {
  await page.evaluate(`
    globalThis.statuses = new Set();
    new MutationObserver(() => {
      for (const status of document.querySelectorAll('.status')) statuses.add(status.textContent);
    }).observe(document.querySelector('#groups'), { childList: true });`);
  return () => page.evaluate('[...statuses]');
}

describe('the console page', () => {
  test('loads without an error and says account, region, mode and allowlist', async () => {
    const deployment = await guarded('enforce');
    const { aws } = await startGuardedConsole(deployment);

    const { page, troubles } = await visit(aws.url);

    const facts = page.locator('#about');
    for (const fact of [ACCOUNT, REGION, 'enforce', deployment.guard.allowlist]) {
      expect(await facts.innerText()).toContain(fact);
    }
    expect(await page.locator('#notice').isVisible()).toBe(false);
    expect(troubles).toEqual([]);
  });

  test('says what to do while there is nothing to see', async () => {
    const { aws } = await startGuardedConsole(await guarded('enforce'));

    const { page } = await visit(aws.url);

    expect(await page.locator('#no-decisions').innerText()).toContain('Authorize a grant with the form');
    expect(await page.locator('#no-decisions').innerText()).toContain(aws.url);
    expect(await groups(page).innerText()).toContain('Create another by authorizing a grant to a new name');
  });

  test('says plainly that it only reports, and that nothing is judged', async () => {
    const reporting = await startGuardedConsole(await guarded('report-only'));
    const unguarded = await startGuardedConsole();
    await administratorOf(unguarded.aws.url).create();
    await administratorOf(unguarded.aws.url).authorize('web', STRANGER);

    const { page: reportOnly } = await visit(reporting.aws.url);
    const { page: noEnforcer } = await visit(unguarded.aws.url);

    expect(await reportOnly.locator('#notice').innerText()).toContain('Report-only.');
    expect(await noEnforcer.locator('#notice').innerText()).toContain('Nothing is judged.');
    expect(await decisions(noEnforcer).innerText()).toContain('not judged');
  });

  test('authorizes a grant by keyboard alone, shows it, its verdict and its way, and lets it vanish', async () => {
    const { aws } = await startGuardedConsole({ ...(await guarded('enforce')), transitionMs: 500 });
    const { page, troubles } = await visit(aws.url);
    const statuses = await recordStatuses(page);

    await authorizeByKeyboard(page, ['Sessions', 'web', STRANGER]);

    const grant = groups(page).getByText(`web of ${STRANGER}`);
    await grant.waitFor();
    await page.getByText(`Created Sessions. Authorized web of ${STRANGER}.`).waitFor();
    const decision = decisions(page).first();
    await decision.locator('.badge', { hasText: 'revoked' }).waitFor();
    await decision.getByText(`not owner id ${STRANGER}`).waitFor();
    await decision.getByText('Gone').waitFor();
    await grant.waitFor({ state: 'detached' });
    expect(await statuses()).toEqual(expect.arrayContaining(['authorizing', 'revoking']));
    const steps = await decision.getByRole('listitem').allInnerTexts();
    // How often it is refused meanwhile depends on how long the function takes to start.
    const ways = steps.filter((step) => !step.includes('Revoke refused: InvalidCacheSecurityGroupState'));
    const order = [/Authorize call/, /event delivered/, /Revoke accepted/, /answered: revoked/, /Gone/];
    expect(ways).toEqual(order.map((step) => expect.stringMatching(step)));
    const times = steps.map((step) => Number(/([\d,]+) ms/.exec(step)?.[1]?.replace(',', '')));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(await decision.locator('.way .stop').allInnerTexts()).toEqual(steps.map((_, index) => `${index + 1}`));
    expect(await groups(page).getByRole('heading', { name: 'sessions' }).isVisible()).toBe(true);
    expect(troubles).toEqual([]);
  });

  test('shows an allowed grant with its rule, and keeps it', async () => {
    const { aws } = await startGuardedConsole(await guarded('enforce'));
    const { page } = await visit(aws.url);

    // The owner is there already: this account.
    await page.getByLabel('Cache security group', { exact: true }).fill('sessions');
    await page.getByLabel('EC2 security group', { exact: true }).fill('web');
    await page.getByRole('button', { name: 'Authorize' }).click();

    await decisions(page).getByText('rule web-to-sessions allows it').waitFor();
    await groups(page).getByText('authorized', { exact: true }).waitFor();
    await groups(page).locator('.badge', { hasText: 'allowed' }).waitFor();
  });

  test('authorizes in the region that is chosen', async () => {
    const { aws } = await startGuardedConsole({ regions: [REGION, 'eu-west-1'] });
    const { page } = await visit(aws.url);

    await page.getByLabel('Region').selectOption('eu-west-1');
    await page.getByLabel('Cache security group', { exact: true }).fill('default');
    await page.getByLabel('EC2 security group', { exact: true }).fill('web');
    await page.getByRole('button', { name: 'Authorize' }).click();

    await decisions(page).getByText('in eu-west-1').waitFor();
    expect(aws.list('eu-west-1')[0]?.EC2SecurityGroups).toMatchObject([{ EC2SecurityGroupName: 'web' }]);
    expect(aws.list(REGION)[0]?.EC2SecurityGroups).toEqual([]);
  });

  test("shows the API's own error where a call is refused, and keeps what was typed", async () => {
    const { aws } = await startGuardedConsole();
    const { page, troubles } = await visit(aws.url);

    await authorizeByKeyboard(page, ['no_underscores', 'web', STRANGER]);

    const error = page.getByRole('alert');
    await error.getByText('InvalidParameterValue').waitFor();
    expect(await error.innerText()).toContain("Invalid value 'no_underscores' for CacheSecurityGroupName");
    expect(await page.getByLabel('Cache security group', { exact: true }).inputValue()).toBe('no_underscores');
    expect(troubles).toEqual([]);
  });

  test('shows hostile names and messages as the text that they are', async () => {
    const { aws } = await startGuardedConsole(await guarded('enforce'));
    const { page, troubles } = await visit(aws.url);
    const name = '&lt;b&gt;{{7*7}}[x](#,@+=;!$*)/:._-';
    const markup = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    await administratorOf(aws.url).create();
    await authorizeByKeyboard(page, ['sessions', name, STRANGER]);
    await decisions(page).getByText(`${name} of ${STRANGER}`).first().waitFor();

    const event = withChanges(sampleEvent('authorize-ingress'), {
      'detail.requestID': 'by-hand',
      'detail.requestParameters.cacheSecurityGroupName': markup,
      'detail.requestParameters.eC2SecurityGroupName': markup,
    });
    void aws.deliver(event as BusEvent);

    await decisions(page).locator('.badge', { hasText: 'rejected' }).waitFor();
    await decisions(page).locator('h3').getByText(markup).first().waitFor();
    expect(await page.locator('#decisions img, #decisions script, #groups img, #groups b').count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  test('shows a late visitor what happened before, without talking about it', async () => {
    const { aws } = await startGuardedConsole(await guarded('enforce'));
    const administrator = administratorOf(aws.url);
    await administrator.create();
    await administrator.authorize('web', STRANGER);
    await aws.idle();

    const { page } = await visit(aws.url);

    await decisions(page).locator('.badge', { hasText: 'revoked' }).waitFor();
    expect(await page.locator('#news').innerText()).toBe('');
    await administrator.authorize('web', ACCOUNT);
    await page.locator('#news', { hasText: `web of ${ACCOUNT} to sessions: allowed` }).waitFor({ state: 'attached' });
  });

  test('leads past the form to the decisions with its first link', async () => {
    const { aws } = await startGuardedConsole();
    const { page } = await visit(aws.url);

    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');

    await page.locator('#decisions:focus').waitFor();
  });

  test('tells that the local AWS is gone, which ends though the page is open', async () => {
    const { aws, close } = await startGuardedConsole();
    const { page } = await visit(aws.url);

    await close();

    await page.getByText('Connection lost, trying again').waitFor();
  });
});

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each([1280, 360])('at %i px, axe finds no violation and nothing needs scrolling sideways', async (width) => {
    const { aws } = await startGuardedConsole(await guarded('report-only'));
    const { page } = await visit(aws.url, { width, colorScheme });
    const check = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    };
    await check();

    const administrator = administratorOf(aws.url);
    await administrator.create();
    for (const name of ['web', 'x'.repeat(255)]) await administrator.authorize(name, STRANGER);
    await administrator.authorize('web', ACCOUNT);
    await aws.idle();
    await authorizeByKeyboard(page, ['no_underscores', 'web', STRANGER]);
    await page.getByRole('alert').getByText('InvalidParameterValue').waitFor();
    await expect.poll(() => decisions(page).count()).toBe(3);
    await check();
  });
});
