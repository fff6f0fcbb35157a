import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { toHtml } from '../../src/report/html.ts';
import { toJson } from '../../src/report/json.ts';
import {
  cleanReport,
  enforcedReport,
  findingOf,
  grant,
  HOSTILE_NAMES,
  heldReport,
  hostileReport,
  incompleteReport,
  largeReport,
  reportOf,
  troubledReport,
} from '../support/examples/audit-reports.ts';
import {
  bothKindsReport,
  goneNameReport,
  hostileVpcReport,
  largeVpcReport,
  vpcCleanReport,
  vpcEnforcedReport,
} from '../support/examples/vpc-audit-reports.ts';

const html = (report: AuditReport) => toHtml(report, { previous: [] });
/** What somebody reads, roughly: the page without its data, script, styles and tags. */
const textOf = (page: string) =>
  page
    .replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the page', () => {
  it.each<[string, AuditReport, string, string]>([
    ['clean', cleanReport(), 'verdict clean', 'Every grant is allowed'],
    ['incomplete', incompleteReport(), 'verdict incomplete', 'Not everything was evaluated'],
    ['troubled', troubledReport(), 'verdict standing', '5 disallowed grants stand'],
    ['held', heldReport(), 'verdict standing', '14 disallowed grants stand'],
    ['failed', enforcedReport(), 'verdict standing', '2 disallowed grants stand'],
    ['without EC2-Classic', vpcCleanReport(), 'verdict clean', 'Every grant is allowed'],
    ['of both kinds', bothKindsReport(), 'verdict standing', '18 disallowed grants stand, 5 of them open to everybody'],
    ['empty', reportOf([], { expectedPlaces: [] }), 'verdict empty', 'Nothing was evaluated'],
  ])(
    'has its verdict as its title, its only heading of the first level, and its look: %s',
    async (_, report, look, verdict) => {
      const page = await html(report);

      expect(page).toContain(`<section class="${look}"`);
      expect([...page.matchAll(/<h1 id="verdict">(.*)<\/h1>/g)].map(([, one = '']) => textOf(one).trim())).toEqual([
        verdict,
      ]);
      expect(page).toContain(`<title>${verdict} – Ingress Guard, 2027-02-03</title>`);
    },
  );

  it.each<[string, AuditReport, string]>([
    ['there is no cache', reportOf([]), 'verdict empty'],
    ['nothing could be listed', reportOf([], { places: [] }), 'verdict incomplete'],
  ])('has a dash for what was not evaluated, not a 0, and is not green: %s', async (_, report, look) => {
    const page = await html(report);

    expect(page).toContain(`<section class="${look}"`);
    const figures = [...page.matchAll(/<dt>([^<]*)<\/dt><dd><strong>([^<]*)<\/strong>/g)].map(([, ...one]) => one);
    expect(Object.fromEntries(figures)).toMatchObject({ Disallowed: '–', Evaluated: '–' });
    // In the picture of several audits, too.
    const earlier = { ...report, startedAt: '2027-01-01T00:00:00.000Z' };
    const many = await toHtml(report, { previous: [earlier] });
    expect(many.match(/<g class="run nothing/g)).toHaveLength(2);
  });

  it('says beside the verdict what was looked at, and how', async () => {
    const text = textOf(await html(incompleteReport()));

    for (const fact of [
      '2027-02-03 04:05:06 UTC , took 4.3 s',
      'report-only: nothing is revoked',
      'Account 111122223333',
      'us-east-1 , eu-central-1 (not evaluated) , ap-southeast-2 (no EC2-Classic)',
      '5 rules, sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      '3 DescribeCacheSecurityGroups',
      'elasticache-ingress-guard 1.2.3',
    ]) {
      expect(text).toContain(fact);
    }
  });

  it('says how much was judged of how much was expected, and what was not and why', async () => {
    const text = textOf(await html(incompleteReport()));

    expect(text).toContain(
      'Disallowed 0 Not evaluated 2 see below Evaluated 5 of at least 6 grants Regions evaluated 1 of 3 expected, 1 without EC2-Classic',
    );
    expect(text).toContain('eu-central-1 what comes after 100 cache security groups Throttling: Rate exceeded');
  });

  it('has the picture, then problems, grouped by cause, each with the rule to add and the command, then the table', async () => {
    const page = await html(troubledReport());

    const at = ['id="reach"', 'id="problems"', 'id="expiring"', 'id="findings"'].map((id) => page.indexOf(id));
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    const text = textOf(page);
    expect(text).toContain('Rule web-to-sessions does not cover the owner 2 grants in 111122223333, us-east-1');
    expect(text).toContain('add to the allowlist: - id: sessions-2027-02-03 cacheSecurityGroups: [sessions]');
    expect(text).toContain('aws elasticache revoke-cache-security-group-ingress --region us-east-1');
  });

  it('lists names in the allowlist that no cache has any more', async () => {
    const page = await toHtml(goneNameReport(), { previous: [] });

    expect(page).toContain('<h2 id="gone-names">Names that no cache has any more</h2>');
    expect(page).toContain('<code>carts-ha</code>, which no longer exists');
  });

  it('says how to lift the limit where grants were held, and that nothing is left to do where they are gone', async () => {
    expect(textOf(await html(heldReport()))).toContain('audit with --max-revocations 14 or more');
    const gone = findingOf(grant('orphan', 'x'), { outcome: 'revoked' });
    expect(textOf(await html(reportOf([gone])))).toContain('If not nothing is left to do.');
  });

  it('says what was looked at where there is no EC2-Classic', async () => {
    const text = textOf(await html(vpcCleanReport()));

    expect(text).toContain('Looked at 3 caches behind 1 security group; no EC2-Classic in us-east-1.');
    expect(text).toContain('Regions evaluated 1 of 1 expected, 1 without EC2-Classic');
    expect(text).toContain('In them 3 caches behind 1 security group');
  });

  it('has the disallowed grants of caches with their rules, whole, and says of each who gets in', async () => {
    const page = await html(bothKindsReport());
    const text = textOf(page);

    expect(text).toContain(
      'carts:6379 sgr-00000000000000010 “temporary, for debugging” 0.0.0.0/0 everybody would revoke',
    );
    expect(text).toContain('carts:6379 sgr-00000000000000013 sg-00000000000000bad 444455556666 would revoke');
    expect(text).toContain('orders:6379 sgr-00000000000000015 “peering” sg-0000000000000dead not known would revoke');
    expect(text).toContain(
      'sgr-00000000000000011: the rule opens ports 0 to 65535, and the caches behind it listen on 6379, 6380, 11211',
    );
    expect(text).toContain('aws ec2 revoke-security-group-ingress --region us-east-1 --group-id sg-000000000000000ca');
    expect(page.match(/data-name="Cache security group"/g)).toHaveLength(2);
  });

  it('says of rules that were held for others what to do', async () => {
    expect(textOf(await html(vpcEnforcedReport()))).toContain('set INGRESS_GUARD_SHARED=revoke and audit again');
  });

  it('shows both kinds in one picture, and everybody by name, sign and place', async () => {
    const page = await html(bothKindsReport());
    const picture = /<svg viewBox="0 0 760[\s\S]*?<\/svg>/.exec(page)?.[0] ?? '';

    expect(textOf(picture)).toMatch(
      /sources caches and cache security groups .* everybody ::\/0 · ✕ 3 .* everybody 0\.0\.0\.0\/0 · ✕ 2 /,
    );
    expect(picture.match(/<circle class="ring"/g)).toHaveLength(2);
  });

  it('shows who reaches what, and marks denied ways by more than colour', async () => {
    const page = await html(troubledReport());

    expect(page.match(/<path class="way" d="M2/g)).toHaveLength(5);
    expect(page.match(/<path class="way denied" d="M2/g)).toHaveLength(5);
    expect(page.match(/<path class="cross" d="M[1-9][0-9][0-9]/g)).toHaveLength(5);
  });

  it('gathers what would make that picture unreadable, and says so', async () => {
    const page = await html(largeReport(10_000, 50));

    expect(textOf(page)).toContain(
      '10,000 EC2 security groups and 489 cache security groups are gathered; every grant is in the table.',
    );
    expect(page.match(/<circle /g)?.length).toBeLessThan(30);
  });

  it('shows earlier audits, oldest first, and which were not complete; it counts those it leaves out', async () => {
    const earlier = (hours: number, denied: number, complete = true) => ({
      ...cleanReport(),
      startedAt: new Date(Date.UTC(2027, 1, 2) - hours * 3_600_000).toISOString(),
      complete,
      counts: { ...cleanReport().counts, denied },
    });

    const page = await toHtml(troubledReport(), { previous: [earlier(1, 7, false), earlier(2, 3)] });
    const many = await toHtml(troubledReport(), { previous: Array.from({ length: 99 }, (_, i) => earlier(i, i)) });

    const figures = [...page.matchAll(/<rect[^>]*\/>\s*<text[^>]*>([^<]*)</g)].map(([, figure]) => figure);
    expect(figures).toEqual(['3', '7?', '5']);
    expect(many.match(/<rect /g)).toHaveLength(30);
    expect(textOf(many)).toContain('70 earlier audits are left out.');
    expect(await html(troubledReport())).not.toContain('<rect ');
  });

  it('holds 10,000 findings in at most 1 MB, even if each is denied and was revoked', async () => {
    for (const report of [largeReport(10_000, 1), largeVpcReport(10_000, 1)])
      expect(Buffer.byteLength(await html(report))).toBeLessThanOrEqual(1_000_000);
  });

  it.each<[string, AuditReport]>([
    ['empty', reportOf([])],
    ['hostile', hostileReport()],
    ['of hostile rules', hostileVpcReport()],
    ['large', largeReport(500, 2)],
  ])('holds the JSON document, byte for byte, as text that anything may unpack: %s', async (_, report) => {
    const page = await html(report);

    const packed = /<script type="application\/gzip" id="data">([A-Za-z0-9+/]*=*)<\/script>/.exec(page)?.[1] ?? '';
    const unpacked = gunzipSync(Buffer.from(packed, 'base64')).toString();
    expect(unpacked).toBe([...toJson(report)].join(''));
  });

  it('lists disallowed grants without the script too, up to a bound, and says how many more there are', async () => {
    const page = (await html(largeReport(10_000, 1))).replace(/<script\b[\s\S]*?<\/script>/g, '');

    expect(page.match(/<td role="cell" data-name="Cache security group">/g)?.length).toBeLessThanOrEqual(200);
    expect(textOf(page)).toMatch(/and [0-9,]+ more causes with [0-9,]+ grants: in the table below, and in the JSON\./);
  });

  it('asks for nothing that is not in it, and lets nothing run but its own script and styles', async () => {
    const page = await html(hostileReport());
    const sha256 = (text: string | undefined) =>
      `'sha256-${createHash('sha256')
        .update(text ?? '')
        .digest('base64')}'`;

    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1];
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1];
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${sha256(style)}`,
      `script-src ${sha256(script)}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(style).not.toMatch(/@import|url\((?!"?data:)/);
    const tags = page.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '').match(/<[a-z][^>]*>/g) ?? [];
    for (const tag of tags)
      expect(tag.replace(/"[^"]*"/g, '""')).not.toMatch(/\s(?:src|srcset|style|action|on[a-z]+)=/i);
    const links = tags.flatMap((tag) => / href="([^"]*)"/.exec(tag)?.[1] ?? []).filter((link) => !link.startsWith('#'));
    expect(links).toEqual(['data:,']);
  });

  it.each([
    ['names', hostileReport()],
    ['ids and descriptions of rules', hostileVpcReport()],
  ])('shows hostile %s as text, whole, with what nobody could see made visible', async (_, report) => {
    const page = await html(report);

    expect(page.match(/<script\b/g)).toHaveLength(2);
    expect(page).not.toMatch(/<(?:img|iframe|object|embed)\b/i);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\ud800-\udfff]/);
    for (const name of HOSTILE_NAMES.slice(0, 6)) {
      const escaped = name
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#39;');
      expect(page).toContain(`<code>${escaped}</code>`);
    }
    expect(page).toContain('<code>turn\\u{202e}gnp.exe</code>');
  });

  it('is the same, byte for byte, for the same report', async () => {
    expect(await toHtml(troubledReport(), { previous: [cleanReport()] })).toBe(
      await toHtml(troubledReport(), { previous: [cleanReport()] }),
    );
  });
});
