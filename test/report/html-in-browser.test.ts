import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { grantWords } from '../../src/report/grant-words.ts';
import { toHtml } from '../../src/report/html.ts';
import { toJson } from '../../src/report/json.ts';
import {
  cleanReport,
  enforcedReport,
  HOSTILE_NAMES,
  heldReport,
  hostileReport,
  incompleteReport,
  largeReport,
  troubledReport,
} from '../support/examples/audit-reports.ts';
import { hostileOrganizationReport, organizationReport } from '../support/examples/organization-reports.ts';
import {
  bothKindsReport,
  hostileVpcReport,
  largeVpcReport,
  openReport,
  vpcEnforcedReport,
} from '../support/examples/vpc-audit-reports.ts';
import { startBrowser } from '../support/wire/browser.ts';

let browser: Browser;
let folder: string;

beforeAll(async () => {
  browser = await startBrowser();
  folder = await mkdtemp(join(tmpdir(), 'ingress-guard-report-'));
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

/** Opens a report from a file, with the network off, and notes whatever goes wrong. */
async function open(report: AuditReport, options: BrowserContextOptions = {}, previous: readonly AuditReport[] = []) {
  const file = join(folder, `${crypto.randomUUID()}.html`);
  await writeFile(file, await toHtml(report, { previous }));
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, offline: true, ...options });
  onTestFinished(() => context.close());
  const troubles: string[] = [];
  const requests: string[] = [];
  context.on('console', (message) => troubles.push(`${message.type()}: ${message.text()}`));
  context.on('weberror', (error) => troubles.push(String(error.error())));
  context.on('requestfailed', (request) => troubles.push(`${request.url()}: ${request.failure()?.errorText}`));
  context.on('request', (request) => requests.push(request.url()));
  context.on('dialog', (dialog) => troubles.push(`dialog: ${dialog.message()}`));
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  if (options.javaScriptEnabled !== false) await scripted(page);
  return { page, troubles, requests, url: pathToFileURL(file).href };
}

/** Until the page's script has unpacked the report and shows it. */
const scripted = (page: Page) => page.locator('html.scripted').waitFor();

const rowsOf = (page: Page) => page.locator('table.findings tbody tr:not(.detail)');
const statusOf = (page: Page) => page.getByRole('status').innerText();
/** Evaluated in the page, whose globals are not known here. */
const ask = <Answer>(page: Page, expression: string) => page.evaluate<Answer>(expression);
const hashOf = (page: Page) => ask<string>(page, 'location.hash');
const scrollWidthOf = (page: Page) => ask<number>(page, 'document.documentElement.scrollWidth');

/** Goes from control to control until the one with this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const focused = () =>
    ask<string>(
      page,
      '(document.activeElement.labels?.[0] ?? document.activeElement).innerText.trim().split("\\n")[0]',
    );
  for (let i = 0; i < 200 && (await focused()) !== name; i++) await page.keyboard.press('Tab');
  expect(await focused()).toBe(name);
}

describe('the page in a browser', () => {
  test.each<[string, AuditReport]>([
    ['clean', cleanReport()],
    ['troubled', troubledReport()],
    ['incomplete', incompleteReport()],
    ['large', largeReport(10_000, 50)],
    ['hostile', hostileReport()],
    ['of both kinds', bothKindsReport()],
    ['of hostile rules', hostileVpcReport()],
    ['of an organization', organizationReport({ accounts: 40, findings: 200, deniedEvery: 50 })],
  ])('opens from a file without the network, and asks for nothing: %s', async (_, report) => {
    const { page, troubles, requests, url } = await open(report);

    await page.locator('h1').waitFor();
    expect(requests).toEqual([url]);
    expect(troubles).toEqual([]);
  });

  test.each<[string, AuditReport]>([
    ['every one of them denied', largeReport(10_000, 1)],
    ['every 50th of them denied', largeReport(10_000, 50)],
    ['every one of them of a rule, and denied', largeVpcReport(10_000, 1)],
    ['in 500 accounts', organizationReport({ accounts: 500, findings: 10_000, deniedEvery: 1 })],
  ])('has fewer than 5,000 elements at the start with 10,000 findings, %s', async (_, report) => {
    const { page } = await open(report);

    expect(await statusOf(page)).toBe('1 to 50 of 10,000');
    expect(await ask<number>(page, "document.querySelectorAll('*').length")).toBeLessThan(5000);
  });

  test('has all findings on paper, in their order, whichever page of the table is shown, and goes back to that page', async () => {
    const report = largeReport(2000, 4);
    const { page } = await open(report);
    await page.getByRole('button', { name: 'Next page' }).click();

    await page.emulateMedia({ media: 'print' });

    await expect.poll(() => rowsOf(page).count()).toBe(2000);
    const sources = await page.locator('table.findings td[data-name="EC2 security group"]').allInnerTexts();
    expect(sources).toEqual(report.findings.map(({ grant }) => grantWords(grant).source));
    await page.emulateMedia({ media: 'screen' });
    await expect.poll(() => rowsOf(page).count()).toBe(50);
    expect(await statusOf(page)).toBe('51 to 100 of 2,000');
  });

  test('prints all findings, with the heads of each table on every page of it', async () => {
    const report = largeVpcReport(400, 1);
    const { page } = await open(report);
    const pagesOf = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type \/Page\b(?!s)/g)?.length ?? 0;
    const onScreen = await rowsOf(page).count();

    const whole = pagesOf(await page.pdf({ format: 'A4' }));
    await page.getByLabel('Search').fill('no-such-name');
    const without = pagesOf(await page.pdf({ format: 'A4' }));

    expect(onScreen).toBe(50);
    // Some 10 rows take a page.
    expect(whole - without).toBeGreaterThan(20);
    await page.emulateMedia({ media: 'print' });
    const heads = await ask<readonly (readonly [string, string, number])[]>(
      page,
      `[...document.querySelectorAll('thead')].filter((one) => one.getClientRects().length > 0).map((one) => [
        getComputedStyle(one).display, getComputedStyle(one).position, one.querySelectorAll('button:not([hidden])').length
      ])`,
    );
    expect(heads.length).toBeGreaterThan(1);
    expect(new Set(heads.map(([display, position]) => `${display} ${position}`))).toEqual(
      new Set(['table-header-group static']),
    );
    // Chromium does not repeat what is in a button.
    expect(await page.locator('thead button:visible').count()).toBe(0);
  });

  test('cuts nothing at a width of 390 pixels: only the table of accounts and regions scrolls sideways', async () => {
    for (const report of [
      troubledReport(),
      bothKindsReport(),
      organizationReport({ accounts: 40, findings: 200, deniedEvery: 5 }),
    ]) {
      const { page } = await open(report, { viewport: { width: 390, height: 844 } }, [cleanReport()]);

      const cut = await ask<readonly string[]>(
        page,
        `[...document.querySelectorAll('main *')].filter((one) => {
          const box = one.getBoundingClientRect();
          if (box.width <= 1 || one.closest('thead, .matrix-frame, .for-ears, svg')) return false;
          const scrolls = getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1;
          return scrolls || box.right > innerWidth + 1;
        }).map((one) => one.outerHTML.slice(0, 120))`,
      );
      expect(cut).toEqual([]);
    }
  });

  test('never breaks an id or a range of what is to be pasted, at any width', async () => {
    for (const width of [390, 700, 1000, 1280]) {
      const { page } = await open(vpcEnforcedReport(), { viewport: { width, height: 800 } });

      const heights = await ask<readonly (readonly [string, number])[]>(
        page,
        "[...document.querySelectorAll('pre .whole')].map((one) => [one.textContent, one.getClientRects().length])",
      );
      expect(heights.some(([text]) => text.startsWith('sgr-'))).toBe(true);
      expect(heights.filter(([, lines]) => lines !== 1)).toEqual([]);
    }
  });

  test('has the description of a security group rule in its row', async () => {
    const { page } = await open(vpcEnforcedReport());

    const described = vpcEnforcedReport().findings.find(({ securityGroupRule }) => securityGroupRule?.description);
    const { description = '' } = described?.securityGroupRule ?? {};
    expect(description).not.toBe('');
    expect(
      await rowsOf(page)
        .filter({ hasText: `“${description}”` })
        .count(),
    ).toBeGreaterThan(0);
  });

  test('has both openings to everybody on the first screen, with 194 disallowed grants', async () => {
    const { page } = await open(openReport(), { viewport: { width: 1280, height: 800 } });

    for (const rule of ['sgr-0000000000000fffe', 'sgr-0000000000000ffff']) {
      const box = await page.locator('#everybody').getByText(rule, { exact: true }).first().boundingBox();
      expect((box?.y ?? 0) + (box?.height ?? Number.POSITIVE_INFINITY)).toBeLessThan(800);
    }
  });

  test('shows verdict, figures and provenance above the fold, also on a small screen', async () => {
    const { page } = await open(incompleteReport(), { viewport: { width: 1280, height: 720 } });

    for (const words of ['Not everything was evaluated', 'of at least 6 grants', 'elasticache-ingress-guard 1.2.3']) {
      const box = await page.getByText(words).first().boundingBox();
      expect((box?.y ?? 0) + (box?.height ?? Number.POSITIVE_INFINITY)).toBeLessThan(720);
    }
  });

  test('can be searched, chosen from, sorted and paged by keyboard, and keeps that over a reload', async () => {
    const { page, url } = await open(largeReport(2000, 4));

    await tabTo(page, 'Search');
    await page.keyboard.type('unknown');
    await tabTo(page, 'Show');
    await page.keyboard.type('Disallowed');
    await tabTo(page, 'EC2 security group');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Next page');
    await page.keyboard.press('Enter');

    expect(await hashOf(page)).toBe('#query=unknown&show=disallowed&sort=-source&page=2');
    expect(await statusOf(page)).toBe('51 to 100 of 500 (of 2,000 in all)');
    expect(await page.locator('[aria-sort]').getAttribute('aria-sort')).toBe('descending');
    const before = await rowsOf(page).allInnerTexts();
    expect(before).toHaveLength(50);
    await page.reload();
    await scripted(page);
    expect(await rowsOf(page).allInnerTexts()).toEqual(before);
    expect(await page.getByLabel('Search').inputValue()).toBe('unknown');
    await page.goto(`${url}#query=no-such-name`);
    expect(await statusOf(page)).toBe('No finding is like that (of 2,000 in all).');
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await statusOf(page)).toBe('1 to 50 of 2,000');
    expect(await hashOf(page)).toBe('');
  });

  test('finds the rules that let everybody in, and sorts both kinds by what is reached', async () => {
    const { page } = await open(bothKindsReport());

    await page.getByLabel('Show').selectOption('everybody');
    await page.getByRole('button', { name: 'Target' }).click();

    expect(await hashOf(page)).toBe('#show=everybody&sort=target');
    expect(await statusOf(page)).toBe('1 to 5 of 5 (of 30 in all)');
    const targets = await page.locator('td[data-name="Target"] code:not(.below)').allInnerTexts();
    expect(targets).toEqual(['carts:6379', 'carts:6379,6380', 'orders:6379', 'orders:6379', 'rates:11211']);
  });

  test("has the details of a rule's grant: its ids whole, its ports, its text, and what else it opens", async () => {
    const { page } = await open(bothKindsReport(), { permissions: ['clipboard-read', 'clipboard-write'] });

    await page.getByLabel('Search').fill('orders sgr-00000000000000011');
    await page.getByRole('button', { name: 'Details' }).press('Enter');

    const detail = page.locator('tr.detail');
    for (const words of [
      'orders on port 6379',
      'CIDR ::/0',
      'sgr-00000000000000011, a rule of security group sg-000000000000000ca',
      'tcp 0 to 65535',
      'the rule opens ports 0 to 65535, and the caches behind it listen on 6379, 6380, 11211',
      '--security-group-rule-ids sgr-00000000000000011',
    ]) {
      expect(await detail.innerText()).toContain(words);
    }
    await detail.getByRole('button', { name: 'Copy rule id' }).click();
    await detail.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await ask<string>(page, 'navigator.clipboard.readText()')).toBe('sgr-00000000000000011');
  });

  test('says in the details of an allowed grant what its rule went for, and how the rule is described', async () => {
    const { page } = await open(vpcEnforcedReport());

    await page.getByLabel('Search').fill('orders:6379 sgr-00000000000000014');
    await page.getByRole('button', { name: 'Details' }).press('Enter');
    const along = await page.locator('tr.detail').innerText();
    await page.getByLabel('Search').fill('carts temporary');
    await page.getByRole('button', { name: 'Details' }).press('Enter');

    expect(along).toContain('another grant of its security group rule is denied, and a rule goes as a whole');
    expect(along).toContain('all protocols');
    expect(await page.locator('tr.detail').innerText()).toContain('tcp 6379, described as temporary, for debugging');
  });

  test('shows every finding on some page', async () => {
    const { page } = await open(largeReport(120, 3));
    const seen: string[] = [];

    for (const more of [true, true, false]) {
      seen.push(...(await rowsOf(page).allInnerTexts()));
      if (more) await page.getByRole('button', { name: 'Next page' }).click();
    }

    expect(seen).toHaveLength(120);
    expect(new Set(seen).size).toBe(120);
  });

  test('leads from a cause to its grants in the table', async () => {
    const { page } = await open(heldReport());

    await page.getByRole('link', { name: 'Show all 14 in the table' }).click();

    expect(await hashOf(page)).toBe('#cause=web-to-sessions%2FownerId');
    expect(await statusOf(page)).toBe('1 to 14 of 14 (of 19 in all)');
  });

  test('has the details of a finding, with whole ids, and copies what one would type', async () => {
    const { page } = await open(enforcedReport(), { permissions: ['clipboard-read', 'clipboard-write'] });
    const clipboard = () => ask<string>(page, 'navigator.clipboard.readText()');

    await page.getByLabel('Search').fill('debug');
    await page.getByRole('button', { name: 'Details' }).press('Enter');

    const detail = page.locator('tr.detail');
    for (const words of ['3d1f2a90-7c55-4e7e-9a1b-000000000002', '111122223333 us-east-1', 'it was still there']) {
      expect(await detail.innerText()).toContain(words);
    }
    await detail.getByRole('button', { name: 'Copy finding as JSON' }).click();
    await detail.getByRole('button', { name: 'Copied' }).waitFor();
    const debug = enforcedReport().findings.find(({ grant }) => grantWords(grant).source === 'debug');
    expect(JSON.parse(await clipboard())).toEqual(debug);
    await page.getByRole('button', { name: 'Copy rules' }).first().click();
    await page.locator('pre + .copy', { hasText: 'Copied' }).waitFor();
    expect(await clipboard()).toMatch(/^ {2}- id: queue-2027-02-03\n {4}cacheSecurityGroups: \[queue\]\n/);
  });

  test.each<[string, AuditReport]>([
    ['a small one', enforcedReport()],
    ['a large one', largeReport(10_000, 3)],
    ['one without findings', incompleteReport([])],
    ['one with hostile names', hostileReport()],
    ['one of both kinds', bothKindsReport()],
    ['one with hostile rules', hostileVpcReport()],
    ['one of an organization', organizationReport({ accounts: 40, findings: 200, deniedEvery: 50 })],
  ])('gives the JSON document back as it was, byte for byte: %s', async (_, report) => {
    const { page, troubles } = await open(report);
    const downloading = page.waitForEvent('download');

    await page.getByRole('button', { name: 'Download the JSON' }).click();

    const download = await downloading;
    expect(download.suggestedFilename()).toBe('audit-2027-02-03T040506Z.json');
    expect(await readFile(await download.path(), 'utf8')).toBe([...toJson(report)].join(''));
    expect(troubles).toEqual([]);
  });

  test.each([
    ['names', hostileReport()],
    ['ids and descriptions', hostileVpcReport()],
  ])('shows hostile %s as text everywhere, and runs none of them', async (_, report) => {
    const { page, troubles } = await open(report);

    await page.getByLabel('Search').fill('alert(1)');
    for (const details of await page.getByRole('button', { name: 'Details' }).all()) await details.click();

    const [first] = HOSTILE_NAMES as [string];
    const shown = await rowsOf(page).locator('code', { hasText: first }).first().innerText();
    // A cache's name stands with its port.
    expect(shown.replace(/:1$/, '')).toBe(first);
    expect(await page.locator('img, main script, iframe').count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  test('has the name of each account next to its id, and finds by it', async () => {
    const { page } = await open(organizationReport({ accounts: 40, findings: 200, deniedEvery: 50 }));

    await page.getByLabel('Search').fill('shop-prod-0');
    await page.getByRole('button', { name: 'Details' }).first().click();

    const shown = await rowsOf(page).locator('td[data-name=Where]').allInnerTexts();
    expect(shown.length).toBeGreaterThan(1);
    for (const words of shown) expect(words).toMatch(/^100000000007 \(shop-prod-0\) [a-z]+-[a-z]+-\d$/);
    expect(await page.locator('tr.detail').innerText()).toContain('100000000007 (shop-prod-0)');
  });

  test('shows hostile names of accounts as text, and runs none of them', async () => {
    const { page, troubles } = await open(hostileOrganizationReport());

    const [first] = HOSTILE_NAMES as [string];
    expect(await rowsOf(page).locator('td[data-name=Where]').first().innerText()).toContain(`(${first})`);
    expect(await page.locator('img, main script, iframe').count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  test.each([
    ['an unknown key', '#x=%3Cimg%20src=x%20onerror=alert(1)%3E'],
    [
      'markup for every key',
      `#${['query', 'show', 'cause', 'region', 'sort', 'page'].map((key) => `${key}=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E`).join('&')}`,
    ],
    ['broken escapes', '#query=%&show=%E0%A4'],
  ])('survives an address with %s', async (_, hash) => {
    const { page, troubles, url } = await open(troubledReport());

    await page.goto(`${url}${hash}`);
    await page.reload();
    await scripted(page);

    expect(await page.getByRole('status').isVisible()).toBe(true);
    expect(await page.locator('img').count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  const LOOKS: readonly [string, BrowserContextOptions][] = [
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['narrow', { viewport: { width: 360, height: 740 } }],
    ['narrow and dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }],
  ];

  test.each(
    LOOKS.flatMap(([look, options]) =>
      Object.entries({
        clean: cleanReport(),
        incomplete: incompleteReport(),
        enforced: enforcedReport(),
        'of both kinds': bothKindsReport(),
        'of rules that were revoked and held': vpcEnforcedReport(),
        'of an organization': organizationReport({ accounts: 40, findings: 200, deniedEvery: 50 }),
      }).map(([name, report]) => [look, name, options, report] as const),
    ),
  )('has nothing that axe finds against it: %s, %s', async (_, __, options, report) => {
    const { page } = await open(report, options, [
      cleanReport(),
      { ...incompleteReport(), startedAt: '2027-01-01T00:00:00.000Z' },
    ]);
    for (const details of (await page.getByRole('button', { name: 'Details' }).all()).slice(0, 2))
      await details.click();

    const { violations } = await new AxeBuilder({ page }).analyze();

    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });

  test.each<[string, AuditReport]>([
    ['troubled', troubledReport()],
    ['large', largeReport(10_000, 2)],
    ['hostile', hostileReport()],
    ['of both kinds', bothKindsReport()],
    ['of hostile rules', hostileVpcReport()],
    ['of an organization', organizationReport({ accounts: 40, findings: 200, deniedEvery: 50 })],
    ['of an organization with hostile names', hostileOrganizationReport()],
  ])('has no scrolling sideways in a window of 360 pixels: %s', async (_, report) => {
    const { page } = await open(report, { viewport: { width: 360, height: 740 } });
    for (const details of (await page.getByRole('button', { name: 'Details' }).all()).slice(0, 5))
      await details.click();

    expect(await scrollWidthOf(page)).toBe(360);
  });

  test.each([360, 1280])('has ids whole, on one line within their cells, in a window of %i pixels', async (width) => {
    const { page } = await open(bothKindsReport(), { viewport: { width, height: 740 } });

    const broken = await ask<string[]>(
      page,
      `[...document.querySelectorAll('td[data-name] .aws-id')].filter((id) => {
        const [box, cell] = [id.getBoundingClientRect(), id.closest('td').getBoundingClientRect()];
        return box.height > 0 && (box.height > 30 || box.right > cell.right + 1);
      }).map((id) => id.innerText)`,
    );

    expect(broken).toEqual([]);
  });

  test('prints the verdict on the first page, the disallowed grants, and no controls', async () => {
    // A4, less the margins, in CSS pixels.
    const { page } = await open(heldReport(), { viewport: { width: 680, height: 1009 }, colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });

    const box = await page.locator('.top').boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? Number.POSITIVE_INFINITY)).toBeLessThan(1009);
    for (const name of ['web-1', 'web-9'])
      expect(await page.locator('.cause').getByText(name, { exact: true }).isVisible()).toBe(true);
    expect(await page.getByRole('button').count()).toBe(0);
    await expect.poll(() => rowsOf(page).filter({ visible: true }).count()).toBe(19);
    expect(await ask(page, 'getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect((await page.pdf({ format: 'A4' })).byteLength).toBeGreaterThan(10_000);
  });

  /** Changes the packed data as the page's script reads it. */
  const damage = (change: string) => `{
    const { get } = Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, 'text');
    Object.defineProperty(HTMLScriptElement.prototype, 'text', { get() { const text = get.call(this); return ${change}; } });
  }`;

  const NO_TABLE =
    'A script puts the table of 19 findings here. It needs JavaScript, and a browser released since mid-2023. If nothing appears, use the JSON or CSV of this audit.';

  test('says verdict and disallowed grants without JavaScript, and offers nothing that would not work', async () => {
    const { page, troubles } = await open(heldReport(), { javaScriptEnabled: false });

    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('14 disallowed grants stand');
    await page.getByText('8 more').click();
    for (let i = 1; i <= 14; i++)
      expect(await page.locator('.cause').getByText(`web-${i}`, { exact: true }).isVisible()).toBe(true);
    expect(await page.locator('.unless-scripted').innerText()).toBe(NO_TABLE);
    expect(await page.getByRole('button').count()).toBe(0);
    expect(await page.getByRole('link').count()).toBe(0);
    expect(troubles).toEqual([]);
  });

  test('has no such sentence once it shows the table', async () => {
    const { page } = await open(heldReport());

    expect(await page.locator('.unless-scripted').isVisible()).toBe(false);
  });

  test('says what it needs in a browser that cannot unpack, and offers nothing there that would not work', async () => {
    const { page } = await open(heldReport(), { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.addInitScript('delete globalThis.DecompressionStream');

    await page.reload();

    expect(await page.getByText(NO_TABLE).isVisible()).toBe(true);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('14 disallowed grants stand');
    expect(await page.getByRole('link').count()).toBe(0);
    const buttons = await page.getByRole('button').allInnerTexts();
    expect(buttons.filter((name) => !name.startsWith('Copy '))).toEqual([]);
    await page.getByRole('button', { name: 'Copy rules' }).first().click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await ask<string>(page, 'navigator.clipboard.readText()')).toMatch(/^ {2}- id: /);
  });

  test.each<[string, string, string]>([
    ['a browser without DecompressionStream', 'delete globalThis.DecompressionStream', 'Firefox 113'],
    [
      'damaged data',
      damage('text.slice(0, -40) + (text.at(-40) === "A" ? "B" : "A") + text.slice(-39)'),
      'The findings in this page are damaged. Do not rely on this page.',
    ],
    ['data that ends early', damage('text.slice(0, -40)'), 'The findings in this page are damaged.'],
    ['data that is not base64', damage('text + "!"'), 'The findings in this page are damaged.'],
  ])('never looks clean, and names the JSON and CSV to use instead: %s', async (_, script, words) => {
    const { page } = await open(cleanReport());
    const look = () => ask<string>(page, 'getComputedStyle(document.querySelector(".verdict")).backgroundColor');
    const cleanLook = await look();
    await page.addInitScript(script);

    await page.reload();

    const alert = await page.getByRole('alert').innerText();
    expect(alert).toContain(words);
    expect(alert).toContain('JSON or CSV of this audit');
    expect(await look()).not.toBe(cleanLook);
    expect(await page.locator('.verdict .sign path').isVisible()).toBe(false);
    expect(await page.locator('table.findings').count()).toBe(0);
    expect(await page.locator('.unless-scripted').isVisible()).toBe(true);
  });
});
