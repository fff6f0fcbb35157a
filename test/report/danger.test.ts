import { describe, expect, test } from 'vitest';
import type { VpcSource } from '../../src/policy/vpc/source.ts';
import { toCsv } from '../../src/report/csv.ts';
import { toHtml } from '../../src/report/html.ts';
import { toTerminalText } from '../../src/report/text.ts';
import { findingsOf, openReport, rule, vpcReportOf } from '../support/examples/vpc-audit-reports.ts';

const cidr = (text: string): VpcSource => ({ kind: 'cidr', cidr: text });
const ORDERS = [{ cacheName: 'orders', ports: [6379] }];
const denied = (number: number, source: VpcSource) => findingsOf(rule(number, source), undefined, ORDERS);

const REPORT = openReport();
const WORST = ['0.0.0.0/0', '::/0', '172.16.0.0/12', '2001:db8::/64', '198.51.100.'];
const OPEN = ['sgr-0000000000000fffe', 'sgr-0000000000000ffff'];

/** Where each of these first comes up in a text, in order. */
const isInOrder = (text: string) => {
  const places = WORST.map((one) => text.indexOf(one));
  return !places.includes(-1) && places.every((place, i) => i === 0 || place > (places[i - 1] as number));
};

describe('a report of 194 disallowed grants, two of them open to everybody', () => {
  test('has what is open to everybody first, then the widest range, then the rest, in JSON and CSV', () => {
    expect(REPORT.findings).toHaveLength(194);
    expect(isInOrder(JSON.stringify(REPORT.findings))).toBe(true);
    expect(isInOrder(toCsv(REPORT))).toBe(true);
    const kinds = REPORT.findings.map(({ grant: { kind, source } }) => (kind === 'vpc' ? source.kind : kind));
    expect(kinds.slice(-2)).toEqual(['classic', 'securityGroup']);
  });

  test('has both on the first 24 lines of a terminal, with the command that revokes them', () => {
    const lines = toTerminalText(REPORT, { colour: false, width: 100 }).split('\n').slice(0, 24);

    const text = lines.join('\n');
    expect(lines[0]).toBe('✗ 194 disallowed grants stand, 2 of them open to everybody');
    for (const one of ['0.0.0.0/0', '::/0', ...OPEN]) expect(text).toContain(one);
    expect(lines.find((line) => line.includes('revoke-security-group-ingress'))).toContain(OPEN.join(' '));
  });

  test('leads from its headline to a block of both, before anything else of the page', async () => {
    const page = await toHtml(REPORT, { previous: [] });

    expect(page).toContain('194 disallowed grants stand, <a href="#everybody">2 of them open to everybody</a></h1>');
    const at = ['id="verdict"', 'id="everybody"', ...OPEN, 'id="reach"', 'id="problems"'].map((one) =>
      page.indexOf(one),
    );
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(at).not.toContain(-1);
  });
});

test('what is allowed comes after all that is disallowed, however wide it is', () => {
  const allowed = findingsOf(rule(1, cidr('10.20.0.0/16')), undefined, ORDERS);

  const { findings } = vpcReportOf([...allowed, ...denied(2, cidr('198.51.100.7/32'))]);

  expect(findings.map(({ decision }) => decision.effect)).toEqual(['deny', 'allow']);
});

describe('a report of a disallowed prefix list', () => {
  const listOf = (...entries: string[]): VpcSource => ({ kind: 'prefixList', prefixListId: 'pl-0a', entries });
  const textOf = (source: VpcSource) => toTerminalText(vpcReportOf(denied(1, source)), { colour: false, width: 100 });

  test.each([['0.0.0.0/0'], ['::/0'], ['128.0.0.0/1']])('counts it among what is open to everybody: %s', (entry) => {
    const text = textOf(listOf('10.0.0.0/16', entry));

    expect(text).toContain('1 disallowed grant stands, open to everybody');
    expect(text).toContain('pl-0a (everybody)');
  });

  test.each([
    ['of few', listOf('10.0.0.0/16')],
    ['of entries that are not known', { ...listOf(), entries: undefined }],
  ])('does not where it is %s', (_, source) => {
    expect(textOf(source as VpcSource)).not.toContain('everybody');
  });
});
