import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/policy/finding.ts';
import { gatherReach } from '../../src/report/html/reach.ts';
import { findingOf, grant } from '../support/examples/audit-reports.ts';
import { STRANGER } from '../support/examples/grants.ts';
import { bothKindsReport, DENIED_RULES, findingsOf, rule } from '../support/examples/vpc-audit-reports.ts';

const labels = (places: readonly { readonly label: string; readonly note: string }[]) =>
  places.map(({ label, note }) => (note === '' ? label : `${label} (${note})`));

describe('who reaches what', () => {
  it('has a place for each source and target of either kind, denied ones first', () => {
    const findings = [
      findingOf(grant('sessions', 'web', { owner: STRANGER })),
      ...findingsOf(DENIED_RULES[2] as (typeof DENIED_RULES)[number]),
      ...findingsOf(rule(3, { kind: 'prefixList', prefixListId: 'pl-00000000000000001' })),
    ];

    const { sources, targets, ways, sourceKinds, targetKinds, gathered } = gatherReach(findings);

    expect(labels(sources)).toEqual(['10.21.0.0/24', `web (${STRANGER})`, 'pl-00000000000000001']);
    expect(labels(targets)).toEqual(['carts (cache)', 'orders (cache)', 'sessions (cache security group)']);
    expect(ways).toHaveLength(5);
    expect(sourceKinds).toEqual(['CIDR', 'EC2 security group', 'prefix list']);
    expect(targetKinds).toEqual(['cache', 'cache security group']);
    expect(gathered).toEqual([]);
  });

  it('calls every address there is everybody, and has it first, also where it is allowed', () => {
    const everywhere = ['0.0.0.0/0', '::/0'].flatMap((cidr, i) => findingsOf(rule(i, { kind: 'cidr', cidr })));
    const allowed = everywhere.map(
      (one): Finding => ({ ...one, decision: { effect: 'allow', rule: 'open' }, outcome: 'allowed' }),
    );

    const { sources } = gatherReach([findingOf(grant('queue', 'debug')), ...allowed]);

    expect(labels(sources)).toEqual(['everybody (0.0.0.0/0)', 'everybody (::/0)', 'debug (111122223333)']);
    expect(sources.map(({ isEverybody }) => isEverybody)).toEqual([true, true, false]);
  });

  it('calls a range that lets nearly everybody in the same; of a great many such ranges, a few have a place', () => {
    const halves = Array.from({ length: 20 }, (_, i) => `${20 + 2 * i}.0.0.0/7`);
    const wide = [...halves, '::/0'].flatMap((cidr, i) => findingsOf(rule(i, { kind: 'cidr', cidr })));

    const { sources } = gatherReach(wide);

    expect(labels(sources).filter((label) => label.startsWith('everybody'))).toHaveLength(4);
    expect(labels(sources)).toContain('everybody (::/0)');
    expect(labels(sources)).toContain('17 CIDRs');
    expect(labels(gatherReach(findingsOf(rule(1, { kind: 'cidr', cidr: '0.0.0.0/1' }))).sources)).toEqual([
      'everybody (0.0.0.0/1)',
    ]);
  });

  it('is one place for a cache, whichever ports of it are reached', () => {
    const { targets } = gatherReach([
      ...findingsOf(rule(1, { kind: 'cidr', cidr: '10.20.0.0/24' })),
      ...findingsOf(rule(2, { kind: 'cidr', cidr: '10.20.1.0/24' }, { toPort: 6380 })),
    ]);

    expect(labels(targets)).toEqual(['carts', 'orders']);
  });

  it('gathers sources by kind and owner where they are too many, but never everybody', () => {
    const many = Array.from({ length: 30 }, (_, i) =>
      findingsOf(rule(100 + i, { kind: 'cidr', cidr: `198.51.100.${i}/32` })),
    );

    const { sources, gathered } = gatherReach([...bothKindsReport().findings, ...many.flat()]);

    expect(labels(sources).slice(0, 4)).toEqual([
      'everybody (::/0)',
      'everybody (0.0.0.0/0)',
      '33 CIDRs',
      '2 prefix lists',
    ]);
    expect(gathered).toEqual(['33 CIDRs', '5 EC2 security groups', '2 prefix lists']);
  });
});
