import { EnableSecurityHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { describe, expect, test } from 'vitest';
import { SecurityHubNotEnabledError, securityHubAt } from '../../src/aws/securityhub/security-hub.ts';
import { explainFailure } from '../../src/aws/why-not-judged.ts';
import type { Finding } from '../../src/policy/finding.ts';
import type { Place } from '../../src/policy/place.ts';
import { toAsff } from '../../src/report/asff.ts';
import type { AuditReport, AuditRun } from '../../src/report/audit-report.ts';
import { type HowToImport, importFindings } from '../../src/security-hub/import-findings.ts';
import { findingOf, grant, reportOf } from '../support/examples/audit-reports.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { OTHER_REGION } from '../support/local-aws/local-endpoint.ts';
import { kept, MEMBER, startOrganization } from '../support/local-aws/organization.ts';
import { startJsonEndpoint } from '../support/scripted/scripted-json-endpoint.ts';

const HOUR = 3_600_000;
const HERE: Place = { account: MEMBER, region: REGION };
const GENERATOR = 'ingress-guard-test';

/** A report of an audit of the member, so many hours after the first. */
function reportAt(hours: number, findings: readonly Finding[], run: Partial<AuditRun> = {}): AuditReport {
  const startedAt = new Date(Date.parse('2026-11-29T08:00:00.000Z') + hours * HOUR);
  return reportOf(findings, { expectedPlaces: [HERE], startedAt, finishedAt: startedAt, ...run });
}

const denied = (name: string, act: Parameters<typeof findingOf>[1] = { outcome: 'would-revoke' }, place = HERE) =>
  findingOf(grant('sessions', name, { ...place, owner: '999988887777' }), act);
const allowed = () => findingOf(grant('sessions', 'web', { ...HERE, owner: MEMBER }));

const idOf = (finding: Finding) => String(toAsff(reportAt(0, [finding]), GENERATOR)[0]?.Id);

/** A local AWS whose member has Security Hub at these places, and what imports into it with the credentials of each account. */
async function startImport(enabled: readonly Place[] = [HERE]) {
  const started = await startOrganization();
  for (const { account, region } of enabled) {
    await kept(new SecurityHubClient(started.as(account, region))).send(new EnableSecurityHubCommand({}));
  }
  const hubOf = ({ account, region }: Place) => started.aws.accounts.find(account)?.region(region)?.securityHub;
  const connect: HowToImport['connect'] = ({ account, region }) => {
    const { credentials, ...client } = started.as(account, region);
    return securityHubAt({ ...client, credentials: async () => credentials });
  };
  return {
    ...started,
    connect,
    listAt: (place: Place = HERE) => hubOf(place)?.list() ?? [],
    importReport: (report: AuditReport, changes: Partial<HowToImport> = {}) =>
      importFindings({
        report,
        generator: GENERATOR,
        connect,
        isNotEnabled: (error) => error instanceof SecurityHubNotEnabledError,
        explain: (error) => explainFailure(error).detail,
        timeUp: new AbortController().signal,
        ...changes,
      }),
    /** What Security Hub has, by id: `ACTIVE` or `ARCHIVED`. */
    statesAt: (place: Place = HERE) =>
      Object.fromEntries((hubOf(place)?.list() ?? []).map(({ Id, RecordState }) => [String(Id), RecordState])),
    imports: () => started.calls.filter(({ action }) => action === 'BatchImportFindings').length,
  };
}

describe('an import', () => {
  test('has what stands and is disallowed, and neither what is allowed nor what was revoked', async () => {
    const { importReport, statesAt } = await startImport();
    const [standing, held] = [denied('stranger'), denied('other', { outcome: 'held', problem: 'it is shared' })];

    const places = await importReport(reportAt(0, [standing, held, allowed(), denied('gone', { outcome: 'revoked' })]));

    expect(places).toEqual([{ ...HERE, status: 'done', imported: 2, archived: 0, unchanged: 0, refused: [] }]);
    expect(statesAt()).toEqual({ [idOf(standing)]: 'ACTIVE', [idOf(held)]: 'ACTIVE' });
  });

  test('has what could not be evaluated', async () => {
    const { importReport, listAt } = await startImport();

    await importReport(reportAt(0, [], { notJudged: [{ ...HERE, what: 'cache sessions', why: 'AWS throttled' }] }));

    expect(listAt()).toMatchObject([
      { Title: expect.stringContaining('cache sessions'), Compliance: { Status: 'NOT_AVAILABLE' } },
    ]);
  });

  test('is in requests of at most 100 findings', async () => {
    const { importReport, statesAt, imports } = await startImport();
    const findings = Array.from({ length: 230 }, (_, i) => denied(`stranger-${i}`));

    const [place] = await importReport(reportAt(0, findings));

    expect(place).toMatchObject({ imported: 230 });
    expect(Object.keys(statesAt())).toHaveLength(230);
    expect(imports()).toBe(3);
  });

  test('puts each finding into the account and region of its grant', async () => {
    const places = [HERE, { account: MEMBER, region: OTHER_REGION }, { account: ACCOUNT, region: REGION }];
    const { importReport, statesAt } = await startImport(places);
    const findings = places.map((place) => denied('stranger', undefined, place));

    const imported = await importReport(reportAt(0, findings, { expectedPlaces: places }));

    expect(imported.map((one) => [one.status, one.imported])).toEqual(places.map(() => ['done', 1]));
    for (const place of places) expect(Object.keys(statesAt(place))).toHaveLength(1);
  });

  test('calls a grant the same in each audit, and keeps when it was first seen', async () => {
    const { importReport, listAt } = await startImport();

    await importReport(reportAt(0, [denied('stranger')]));
    await importReport(reportAt(1, [denied('stranger', { outcome: 'failed', problem: 'access denied' })]));

    expect(listAt()).toMatchObject([
      {
        CreatedAt: '2026-11-29T08:00:00.000Z',
        FirstObservedAt: '2026-11-29T08:00:00.000Z',
        UpdatedAt: '2026-11-29T09:00:00.000Z',
        Description: expect.stringContaining('access denied'),
      },
    ]);
  });

  test('repeats what Security Hub says already once a day, and not with each audit', async () => {
    const { importReport, imports } = await startImport();

    const seen = [];
    for (const hours of [0, 1, 23, 24, 25]) seen.push((await importReport(reportAt(hours, [denied('stranger')])))[0]);

    expect(seen.map((one) => [one?.imported, one?.unchanged])).toEqual([
      [1, 0],
      [0, 1],
      [0, 1],
      [1, 0],
      [0, 1],
    ]);
    expect(imports()).toBe(2);
  });
});

describe('a finding whose grant is gone', () => {
  test('is archived by the next audit that looked at the whole place, and active again when the grant is back', async () => {
    const { importReport, statesAt } = await startImport();
    const [one, other] = [denied('one'), denied('other')];
    await importReport(reportAt(0, [one, other]));

    const [place] = await importReport(reportAt(1, [other]));

    expect(place).toMatchObject({ imported: 0, archived: 1, unchanged: 1 });
    expect(statesAt()).toEqual({ [idOf(one)]: 'ARCHIVED', [idOf(other)]: 'ACTIVE' });
    await importReport(reportAt(2, [one, other]));
    expect(statesAt()).toEqual({ [idOf(one)]: 'ACTIVE', [idOf(other)]: 'ACTIVE' });
  });

  test.each<[string, Finding]>([
    ['revoked', denied('one', { outcome: 'revoked' })],
    ['already gone', denied('one', { outcome: 'already-gone' })],
  ])('is archived if the audit saw it %s, whatever else it could not evaluate', async (_, gone) => {
    const { importReport, statesAt } = await startImport();
    await importReport(reportAt(0, [denied('one')]));

    await importReport(reportAt(1, [gone], { notJudged: [{ ...HERE, what: 'a grant', why: 'throttled' }] }));

    expect(statesAt()[idOf(gone)]).toBe('ARCHIVED');
  });

  test.each<[string, Partial<AuditRun>]>([
    ['something could not be evaluated', { notJudged: [{ ...HERE, what: 'a grant', why: 'throttled' }] }],
    [
      'the place could not be listed',
      { places: [{ ...HERE, status: 'failed', problem: 'throttled', cacheSecurityGroups: 0, grants: 0 }] },
    ],
    ['the audit did not come to the place', { places: [] }],
  ])('is not archived where %s', async (_, run) => {
    const { importReport, statesAt } = await startImport();
    await importReport(reportAt(0, [denied('one')]));

    const [place] = await importReport(reportAt(1, [], run));

    expect(place).toMatchObject({ status: 'done', archived: 0 });
    expect(statesAt()[idOf(denied('one'))]).toBe('ACTIVE');
  });

  test('is not archived where the audit was not to look', async () => {
    const other = { account: MEMBER, region: OTHER_REGION };
    const { importReport, statesAt } = await startImport([HERE, other]);
    await importReport(reportAt(0, [denied('one')]));

    await importReport(reportAt(1, [], { expectedPlaces: [other] }));

    expect(statesAt()[idOf(denied('one'))]).toBe('ACTIVE');
  });

  test('keeps what Security Hub and people said of it', async () => {
    const { importReport, listAt } = await startImport();
    await importReport(reportAt(0, [denied('one')]));
    const before = listAt()[0] as Record<string, unknown>;
    Object.assign(before, { Workflow: { Status: 'NOTIFIED' }, Note: { Text: 'ours', UpdatedBy: 'us' } });

    await importReport(reportAt(1, []));

    const { UpdatedAt, ProcessedAt, RecordState, ...after } = listAt()[0] as Record<string, unknown>;
    expect([RecordState, UpdatedAt]).toEqual(['ARCHIVED', '2026-11-29T09:00:00.000Z']);
    expect(before).toMatchObject(after);
    expect(after).toMatchObject({ Workflow: { Status: 'NOTIFIED' }, Note: { Text: 'ours' } });
  });

  test('of another generator, or of an audit that began later, stays as it is', async () => {
    const { importReport, listAt } = await startImport();
    await importReport(reportAt(0, [denied('one')]), { generator: 'another-guard' });
    await importReport(reportAt(5, [denied('later')]));

    const [place] = await importReport(reportAt(4, []));

    expect(place).toMatchObject({ archived: 0 });
    expect(listAt().map(({ RecordState }) => RecordState)).toEqual(['ACTIVE', 'ACTIVE']);
  });
});

describe('a finding that is not ours', () => {
  test.each<[string, Record<string, unknown>]>([
    ['of another generator', { GeneratorId: 'INGRESS-GUARD-TEST' }],
    ['of another product', { ProductArn: `arn:aws:securityhub:${REGION}::product/aws/guardduty` }],
    ['of another account', { AwsAccountId: ACCOUNT }],
    ['archived already', { RecordState: 'ARCHIVED' }],
  ])('stays as it is, even if Security Hub lists it: one %s', async (_, changes) => {
    const { importReport, connect, imports } = await startImport();
    await importReport(reportAt(0, [denied('one')]));

    const [place] = await importReport(reportAt(1, []), {
      connect(where) {
        const hub = connect(where);
        return {
          ...hub,
          listActive: async (...asked) => (await hub.listActive(...asked)).map((one) => ({ ...one, ...changes })),
        };
      },
    });

    expect(place).toMatchObject({ status: 'done', archived: 0 });
    expect(imports()).toBe(1);
  });
});

describe('what cannot be imported', () => {
  test('is named, and keeps nothing else from being imported', async () => {
    const { importReport, statesAt, connect } = await startImport();
    const findings = [denied('one'), denied('other')] as const;
    const tooLarge = idOf(findings[0]);

    const [place] = await importReport(reportAt(0, findings), {
      connect(where) {
        const hub = connect(where);
        const grow = (one: Parameters<typeof hub.importFindings>[0][number]) =>
          one.Id === tooLarge ? { ...one, Note: { Text: 'x'.repeat(250_000) } } : one;
        return { ...hub, importFindings: (some) => hub.importFindings(some.map(grow)) };
      },
    });

    expect(place).toMatchObject({
      status: 'done',
      imported: 1,
      refused: [{ id: tooLarge, code: 'InvalidInput', message: expect.stringContaining('245760 is the limit') }],
    });
    expect(Object.keys(statesAt())).toHaveLength(1);
  });

  test('is a request that fails: the findings of the others are imported, and counted', async () => {
    const { importReport, statesAt, connect } = await startImport();
    const findings = Array.from({ length: 201 }, (_, i) => denied(`source-${i}`));

    const [place] = await importReport(reportAt(0, findings), {
      connect(where) {
        const hub = connect(where);
        let requests = 0;
        return {
          ...hub,
          importFindings: async (some) => {
            requests++;
            if (requests === 2) throw new Error('the answer was lost');
            return await hub.importFindings(some);
          },
        };
      },
    });

    expect(place).toMatchObject({ status: 'failed', imported: 101, problem: expect.stringContaining('was lost') });
    expect(Object.keys(statesAt())).toHaveLength(101);
  });

  test('is what Security Hub counts neither as taken nor as refused', async () => {
    const { importReport } = await startImport();
    const { url } = await startJsonEndpoint(({ operation }) => ({
      body: operation.includes('import') ? { SuccessCount: 1, FailedCount: 0, FailedFindings: [] } : { Findings: [] },
    }));
    const client = { region: REGION, endpoint: url, credentials: async () => credentials };

    const [place] = await importReport(reportAt(0, [denied('one'), denied('other')]), {
      connect: () => securityHubAt(client),
    });

    expect(place).toMatchObject({
      status: 'failed',
      imported: 0,
      problem: expect.stringContaining('1 of 2 findings'),
    });
  });

  test('is what no call could be made for before the time was up', async () => {
    const { importReport, connect } = await startImport();
    const timeUp = new AbortController();

    const places = await importReport(reportAt(0, [denied('one')]), {
      timeUp: timeUp.signal,
      connect(where) {
        // As credentials that STS does not answer for: no signal reaches these.
        const listActive = () => {
          timeUp.abort();
          return new Promise<never>(() => {});
        };
        return { ...connect(where), listActive };
      },
    });

    expect(places).toMatchObject([{ status: 'failed', imported: 0, problem: expect.stringContaining('time') }]);
  });

  test('is a place where Security Hub is not enabled: the others are imported', async () => {
    const other = { account: MEMBER, region: OTHER_REGION };
    const { importReport } = await startImport([other]);
    const findings = [denied('one'), denied('one', undefined, other)];

    const places = await importReport(reportAt(0, findings, { expectedPlaces: [HERE, other] }));

    expect(places.map(({ region, status, imported }) => [region, status, imported]).sort()).toEqual([
      [OTHER_REGION, 'done', 1],
      [REGION, 'not-enabled', 0],
    ]);
  });

  test.each([
    ['Account 222222222222 is not subscribed to AWS Security Hub', 'not-enabled'],
    ['The account does not have permission to perform this action', 'failed'],
  ])(
    'is a place that Security Hub answers for with an InvalidAccessException: "%s" means %s',
    async (message, status) => {
      const { importReport } = await startImport();
      const headers = { 'x-amzn-ErrorType': 'InvalidAccessException' };
      const { url } = await startJsonEndpoint(() => ({ status: 401, headers, body: { Message: message } }));
      const client = { region: REGION, endpoint: url, credentials: async () => credentials };

      const [place] = await importReport(reportAt(0, [denied('one')]), { connect: () => securityHubAt(client) });

      expect(place).toMatchObject({
        status,
        ...(status === 'failed' && { problem: expect.stringContaining(message) }),
      });
    },
  );

  test('is a place that may not be called: the result says why', async () => {
    const { importReport, aws } = await startImport();
    Object.assign(aws.accounts.find(MEMBER) ?? {}, { faults: { scp: {} } });

    const places = await importReport(reportAt(0, [denied('one')]));

    expect(places).toMatchObject([
      { status: 'failed', problem: expect.stringMatching(/AccessDenied.*service control/) },
    ]);
  });

  test('is what there is no time for', async () => {
    const { importReport, imports } = await startImport();

    const places = await importReport(reportAt(0, [denied('one')]), { timeUp: AbortSignal.abort() });

    expect(places).toMatchObject([{ status: 'no-time-left', imported: 0 }]);
    expect(imports()).toBe(0);
  });
});
