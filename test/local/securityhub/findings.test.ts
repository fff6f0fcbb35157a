import {
  type AwsSecurityFinding,
  BatchImportFindingsCommand,
  EnableSecurityHubCommand,
  GetFindingsCommand,
  paginateGetFindings,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { isThrottlingError } from '@smithy/core/retry';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { OTHER_REGION } from '../../support/local-aws/local-endpoint.ts';
import { kept, MEMBER, startOrganization } from '../../support/local-aws/organization.ts';

type SdkError = Parameters<typeof isThrottlingError>[0];

const productArn = (account: string, region: string) =>
  `arn:aws:securityhub:${region}:${account}:product/${account}/default`;

const finding = (id: string, more: object = {}): AwsSecurityFinding =>
  ({
    SchemaVersion: '2018-10-08',
    Id: id,
    ProductArn: productArn(MEMBER, REGION),
    GeneratorId: 'a-generator',
    AwsAccountId: MEMBER,
    CreatedAt: '2026-11-29T08:00:00.000Z',
    UpdatedAt: '2026-11-29T08:00:00.000Z',
    Title: 'A finding',
    Description: 'What was found',
    FindingProviderFields: {
      Severity: { Label: 'HIGH' },
      Types: ['Software and Configuration Checks/AWS Security Best Practices'],
    },
    Resources: [{ Type: 'Other', Id: 'a-resource' }],
    RecordState: 'ACTIVE',
    ...more,
  }) as AwsSecurityFinding;

async function startHub({ isEnabled = true } = {}) {
  const started = await startOrganization();
  const hub = kept(new SecurityHubClient(started.as(MEMBER)));
  if (isEnabled) await hub.send(new EnableSecurityHubCommand({}));
  const importAll = (...findings: AwsSecurityFinding[]) =>
    hub.send(new BatchImportFindingsCommand({ Findings: findings }));
  const list = async (Filters = {}) => (await hub.send(new GetFindingsCommand({ Filters }))).Findings ?? [];
  return { ...started, hub, importAll, list };
}

describe('a Security Hub that is not enabled', () => {
  test('refuses every call as AWS does', async () => {
    const { hub, importAll } = await startHub({ isEnabled: false });

    for (const call of [importAll(finding('one')), hub.send(new GetFindingsCommand({}))]) {
      await expect(call).rejects.toMatchObject({
        name: 'InvalidAccessException',
        message: `Account ${MEMBER} is not subscribed to AWS Security Hub`,
        $metadata: { httpStatusCode: 401 },
      });
    }
  });

  test('is enabled once, in one region of one account', async () => {
    const { hub, as } = await startHub();
    const elsewhere = [kept(new SecurityHubClient(as(MEMBER, OTHER_REGION))), kept(new SecurityHubClient(as(ACCOUNT)))];

    await expect(hub.send(new EnableSecurityHubCommand({}))).rejects.toMatchObject({
      name: 'ResourceConflictException',
    });
    for (const other of elsewhere) {
      await expect(other.send(new GetFindingsCommand({}))).rejects.toMatchObject({ name: 'InvalidAccessException' });
    }
  });
});

describe('BatchImportFindings', () => {
  test('makes findings, and updates those that are there by product and id', async () => {
    const { importAll, list } = await startHub();

    await importAll(finding('one'), finding('two'));
    const answer = await importAll(finding('one', { Title: 'Another title', UpdatedAt: '2026-11-29T09:00:00.000Z' }));

    expect(answer).toMatchObject({ FailedCount: 0, SuccessCount: 1, FailedFindings: [] });
    expect((await list()).map(({ Id, Title }) => [Id, Title])).toEqual([
      ['one', 'Another title'],
      ['two', 'A finding'],
    ]);
  });

  test('keeps what people said of a finding, and begins anew when an archived one is back', async () => {
    const { importAll, list, aws } = await startHub();
    const hub = aws.accounts.find(MEMBER)?.region(REGION)?.securityHub;
    await importAll(finding('one'));
    const workflow = async () => (await list()).map(({ Workflow, RecordState }) => [Workflow?.Status, RecordState]);

    // As BatchUpdateFindings would.
    Object.assign(hub?.list()[0] ?? {}, { Workflow: { Status: 'SUPPRESSED' } });
    await importAll(finding('one'));
    expect(await workflow()).toEqual([['SUPPRESSED', 'ACTIVE']]);
    await importAll(finding('one', { RecordState: 'ARCHIVED' }));
    expect(await workflow()).toEqual([['SUPPRESSED', 'ARCHIVED']]);
    await importAll(finding('one'));
    expect(await workflow()).toEqual([['NEW', 'ACTIVE']]);
  });

  test.each<[string, object, RegExp]>([
    ['no title', { Title: undefined }, /required property 'Title'/],
    ['a blank title', { Title: ' ' }, /Title/],
    ['a title of 257 characters', { Title: 'x'.repeat(257) }, /Title should NOT be longer than 256/],
    ['a description of 1,025', { Description: 'x'.repeat(1025) }, /Description should NOT be longer than 1024/],
    ['an id of 513', { Id: 'x'.repeat(513) }, /Id should NOT be longer than 512/],
    ['no severity', { FindingProviderFields: { Types: ['Effects/Data Exposure'] } }, /'Severity'/],
    ['a severity of its own', { FindingProviderFields: { Severity: { Label: 'BAD' } } }, /Severity.Label/],
    ['a type of its own', { FindingProviderFields: { Severity: { Label: 'LOW' }, Types: ['Mine/a/b'] } }, /Types/],
    ['a recommendation of 513', { Remediation: { Recommendation: { Text: 'x'.repeat(513) } } }, /longer than 512/],
    ['no resource', { Resources: [] }, /Resources should NOT have fewer than 1/],
    ['33 resources', { Resources: Array(33).fill({ Type: 'Other', Id: 'a' }) }, /more than 32/],
    ['a time without a zone', { UpdatedAt: '2026-11-29T08:00:00' }, /UpdatedAt should match format/],
    ['another schema', { SchemaVersion: '2018-10-07' }, /SchemaVersion/],
    [
      '51 product fields',
      { ProductFields: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`f${i}`, 'x'])) },
      /50/,
    ],
    ['more than 240 KB', { Note: { Text: 'x'.repeat(240 * 1024) } }, /245760 is the limit/],
    ['another account', { AwsAccountId: ACCOUNT }, /AwsAccountId is not the account of the caller/],
    ['the product of another account', { ProductArn: productArn(ACCOUNT, REGION) }, /ProductArn/],
    ['the product of another region', { ProductArn: productArn(MEMBER, OTHER_REGION) }, /ProductArn/],
  ])('refuses a finding with %s, names it, and takes the others', async (_, wrong, why) => {
    const { importAll, list } = await startHub();

    const answer = await importAll(finding('bad', wrong), finding('good'));

    expect(answer).toMatchObject({ FailedCount: 1, SuccessCount: 1 });
    expect(answer.FailedFindings).toMatchObject([
      { ErrorCode: 'InvalidInput', ErrorMessage: expect.stringMatching(why) },
    ]);
    expect((await list()).map(({ Id }) => Id)).toEqual(['good']);
  });

  test.each([0, 101])('refuses a request of %i findings as a whole', async (count) => {
    const { importAll, list } = await startHub();

    const call = importAll(...Array.from({ length: count }, (_, i) => finding(`f${i}`)));

    await expect(call).rejects.toMatchObject({ name: 'InvalidInputException' });
    expect(await list()).toEqual([]);
  });

  test('refuses a request of more than 6 MB', async () => {
    const { importAll } = await startHub();
    const large = Array.from({ length: 30 }, (_, i) => finding(`f${i}`, { Note: { Text: 'x'.repeat(230_000) } }));

    await expect(importAll(...large)).rejects.toMatchObject({ $metadata: { httpStatusCode: 413 } });
    await expect(importAll(...large.slice(0, 20))).resolves.toMatchObject({ SuccessCount: 20 });
  });

  test('is throttled in words that the SDK knows', async () => {
    const { importAll, aws } = await startHub();
    Object.assign(aws.accounts.find(MEMBER) ?? {}, { faults: { throttle: 1 } });

    const error = await importAll(finding('one')).catch((thrown) => thrown);

    expect(isThrottlingError(error as SdkError)).toBe(true);
  });
});

describe('GetFindings', () => {
  test('lists those that fit every attribute, page by page', async () => {
    const { hub, importAll, list } = await startHub();
    const many = Array.from({ length: 95 }, (_, i) => finding(`f${i}`));
    await importAll(...many, finding('archived', { RecordState: 'ARCHIVED' }), finding('other', { GeneratorId: 'b' }));
    const is = (Value: string) => [{ Value, Comparison: 'EQUALS' as const }];

    const Filters = {
      GeneratorId: is('a-generator'),
      RecordState: is('ACTIVE'),
      ProductArn: is(productArn(MEMBER, REGION)),
    };
    const pages: AwsSecurityFinding[][] = [];
    for await (const { Findings = [] } of paginateGetFindings({ client: hub, pageSize: 40 }, { Filters })) {
      pages.push(Findings);
    }

    expect(pages.map(({ length }) => length)).toEqual([40, 40, 15]);
    expect(pages.flat().map(({ Id }) => Id)).toEqual(many.map(({ Id }) => Id));
    expect(await list({ RecordState: is('ARCHIVED') })).toHaveLength(1);
    expect(await list({ GeneratorId: [{ Value: 'a-', Comparison: 'PREFIX' }] })).toHaveLength(96);
    expect(await list({ Id: [...is('other'), ...is('archived')] })).toHaveLength(2);
  });

  test.each([
    ['a filter that is not here', { Filters: { Title: [{ Value: 'x', Comparison: 'EQUALS' } as const] } }],
    ['a comparison that is not here', { Filters: { Id: [{ Value: 'x', Comparison: 'CONTAINS' } as const] } }],
    ['a page of 101', { MaxResults: 101 }],
    ['a token of its own', { NextToken: 'mine' }],
  ])('refuses %s', async (_, input) => {
    const { hub } = await startHub();

    await expect(hub.send(new GetFindingsCommand(input))).rejects.toMatchObject({ name: 'InvalidInputException' });
  });
});
