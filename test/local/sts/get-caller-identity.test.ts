import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { startAws } from '../../support/local-aws/local-aws.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';

/** The JavaScript SDK's client, which tries once and not again. */
function stsFor(url: string, settings: object = {}): STSClient {
  const sts = new STSClient({ region: REGION, endpoint: url, credentials, maxAttempts: 1, ...settings });
  onTestFinished(() => sts.destroy());
  return sts;
}

const ask = (sts: STSClient) => sts.send(new GetCallerIdentityCommand());

describe('GetCallerIdentity', () => {
  test('answers the SDK with the account, and with the user that CloudTrail records', async () => {
    const { aws, events } = await startAws();

    const { Account, Arn, UserId } = await ask(stsFor(aws.url));

    const [record] = events.map(({ detail }) => detail);
    expect(Account).toBe(ACCOUNT);
    expect(record).toMatchObject({
      eventSource: 'sts.amazonaws.com',
      eventName: 'GetCallerIdentity',
      userIdentity: { accountId: Account, arn: Arn, principalId: UserId },
      requestParameters: null,
      responseElements: null,
      readOnly: true,
    });
  });

  test.each([
    ['signed with another key', { credentials: { ...credentials, secretAccessKey: 'guess' } }, 'SignatureDoesNotMatch'],
    ['by somebody else', { credentials: { ...credentials, accessKeyId: 'guess' } }, 'InvalidClientTokenId'],
    ['for a region that is not there', { region: 'eu-central-1' }, 'SignatureDoesNotMatch'],
  ])('refuses a call %s, in words that the SDK reads', async (_, settings, name) => {
    const { aws } = await startAws();

    await expect(ask(stsFor(aws.url, settings))).rejects.toMatchObject({
      name,
      $fault: 'client',
      $metadata: { httpStatusCode: 403 },
    });
  });
});
