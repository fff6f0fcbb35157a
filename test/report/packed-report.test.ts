import { expect, it } from 'vitest';
import { packReport, unpackReport } from '../../src/report/html/packed-report.ts';
import {
  cleanReport,
  enforcedReport,
  heldReport,
  hostileReport,
  incompleteReport,
  largeReport,
  reportOf,
} from '../support/examples/audit-reports.ts';
import {
  bothKindsReport,
  goneNameReport,
  hostileVpcReport,
  largeVpcReport,
  severalNamesReport,
  vpcCleanReport,
  vpcEnforcedReport,
} from '../support/examples/vpc-audit-reports.ts';

it.each(
  Object.entries({
    clean: cleanReport(),
    incomplete: incompleteReport(),
    held: heldReport(),
    enforced: enforcedReport(),
    empty: reportOf([]),
    large: largeReport(500, 2),
    hostile: hostileReport(),
    'rules of security groups': vpcCleanReport(),
    'rules that were revoked': vpcEnforcedReport(),
    'both kinds': bothKindsReport(),
    'names that are gone': goneNameReport(),
    'caches with several names': severalNamesReport(),
    'hostile rules': hostileVpcReport(),
    'many rules': largeVpcReport(500, 2),
  }),
)('a report comes out of its packing as it went in: %s', (_, report) => {
  const sent = JSON.parse(JSON.stringify(packReport(report)));

  expect(unpackReport(sent)).toStrictEqual(report);
  expect(JSON.stringify(unpackReport(sent))).toBe(JSON.stringify(report));
});

it('the reasons of thousands of denied grants are packed into a fraction of their size', () => {
  const report = largeReport(5000, 1);

  const { findings: _, ...packed } = packReport(report);

  const reasons = report.findings.map(({ decision }) => decision);
  expect(JSON.stringify(packed).length).toBeLessThan(JSON.stringify(reasons).length / 3);
});
