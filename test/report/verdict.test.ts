import { describe, expect, it } from 'vitest';
import type { AuditReport, AuditRun } from '../../src/report/audit-report.ts';
import { verdictOf } from '../../src/report/verdict.ts';
import {
  cleanReport,
  enforcedReport,
  findingOf,
  grant,
  heldReport,
  incompleteReport,
  reportOf,
  troubledReport,
} from '../support/audit-reports.ts';
import { REGION, STRANGER } from '../support/grants.ts';

const strangers = grant('sessions', 'web', { owner: STRANGER });
const revoked = findingOf(strangers, { outcome: 'revoked' });
const region = (status: 'judged' | 'not-applicable' | 'failed') => ({
  region: REGION,
  status,
  cacheSecurityGroups: 0,
  grants: 0,
});
const run = (changes: Partial<AuditRun>) => reportOf([], changes);

describe('the verdict', () => {
  it.each<[string, AuditReport, string, string]>([
    ['everything is allowed', cleanReport(), 'clean', 'Every grant is allowed'],
    ['there are regions and no grants', run({}), 'clean', 'Every grant is allowed'],
    ['disallowed grants stand', troubledReport(), 'standing', '5 disallowed grants stand'],
    ['one stands', reportOf([findingOf(strangers)]), 'standing', '1 disallowed grant stands'],
    ['they were held', heldReport(), 'standing', '14 disallowed grants stand'],
    ['some could not be revoked, or stood afterwards', enforcedReport(), 'standing', '2 disallowed grants stand'],
    ['all were revoked', reportOf([revoked]), 'mended', '1 disallowed grant found, none stands any more'],
    ['something was not judged', incompleteReport(), 'incomplete', 'Not everything was judged'],
    [
      'something was not judged, and what was is gone',
      incompleteReport([revoked]),
      'incomplete',
      'Not everything was judged',
    ],
    [
      'something was not judged, and something stands',
      incompleteReport([findingOf(strangers)]),
      'standing',
      '1 disallowed grant stands',
    ],
    ['no region has EC2-Classic', run({ regions: [region('not-applicable')] }), 'empty', 'There was nothing to judge'],
    ['no region was expected', run({ expectedRegions: [] }), 'empty', 'There was nothing to judge'],
  ])('says what the audit comes to: %s', (_, report, kind, headline) => {
    expect(verdictOf(report)).toMatchObject({ kind, headline });
  });

  it.each<[string, AuditReport]>([
    ['a region is not spoken of', { ...cleanReport(), expected: { regions: [REGION, 'eu-west-1'] } }],
    ['a region failed', { ...cleanReport(), regions: [region('failed')] }],
    [
      'something is named as not judged',
      { ...cleanReport(), notJudged: [{ region: REGION, what: 'a grant', why: 'x' }] },
    ],
    ['it says that it is not complete', { ...cleanReport(), complete: false }],
  ])('is never clean if anything is missing, whatever else the report says: %s', (_, report) => {
    expect(verdictOf(report)).toMatchObject({ kind: 'incomplete', complete: false });
  });

  it.each<[string, AuditReport, string]>([
    ['held', heldReport(), 'None was revoked: 14 revocations would have been more than the limit of 10.'],
    ['report-only', troubledReport(), 'None was revoked: this audit only reports.'],
    ['failed', enforcedReport(), '1 grant could not be revoked.'],
    ['verified', enforcedReport(), '1 revoked grant stood when looked at again.'],
    [
      'more unknown',
      incompleteReport([findingOf(strangers)]),
      'Not everything was judged (eu-central-1 and us-east-1): there may be more.',
    ],
    [
      'not applicable',
      run({ regions: [region('not-applicable')] }),
      'No region has cache security groups: these accounts have no EC2-Classic.',
    ],
  ])('says why: %s', (_, report, sentence) => {
    expect(verdictOf(report).sentences).toContain(sentence);
  });
});
