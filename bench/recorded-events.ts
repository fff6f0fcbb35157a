import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** Allows half of the events. */
export const ALLOWLIST = `version: 1
rules:
  - { id: web, cacheSecurityGroups: [sessions-*], ec2SecurityGroups: [web-*], ownerIds: [self] }
`;

/** How a file of events begins, goes on and ends, and what of an event is in it. */
interface Layout {
  readonly before: string;
  readonly between: string;
  readonly after: string;
  readonly of: (event: { readonly detail: unknown }) => unknown;
}

export const LAYOUTS: Readonly<Record<string, Layout>> = {
  'JSON lines': { before: '', between: '\n', after: '\n', of: (event) => event },
  'one-line Records': { before: '{"Records":[', between: ',', after: ']}', of: ({ detail }) => detail },
};

/** Writes a file with at least so many bytes of events, and says how many events they are. */
export async function writeEvents(file: string, layout: Layout, bytesWanted: number): Promise<number> {
  const { before, between, after, of } = layout;
  const stream = createWriteStream(file);
  stream.write(before);
  let count = 0;
  for (let bytes = 0; bytes < bytesWanted; ) {
    const texts = Array.from({ length: 500 }, () => JSON.stringify(of(authorizeEvent(count++))));
    const chunk = `${bytes === 0 ? '' : between}${texts.join(between)}`;
    bytes += chunk.length;
    if (!stream.write(chunk)) await once(stream, 'drain');
  }
  stream.end(after);
  await once(stream, 'close');
  return count;
}

const ACCOUNT = '111122223333';

/** An AuthorizeCacheSecurityGroupIngress as EventBridge delivers it; of every two, one is of a stranger. */
function authorizeEvent(number: number) {
  const cacheSecurityGroupName = `sessions-${number % 1_000}`;
  const eC2SecurityGroupName = `web-${number % 7}`;
  const eC2SecurityGroupOwnerId = number % 2 === 0 ? ACCOUNT : '444455556666';
  return {
    version: '0',
    id: `0f1b6d3e-7c1a-4b5c-9c7e-${String(number).padStart(12, '0')}`,
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.elasticache',
    account: ACCOUNT,
    time: '2026-11-03T09:14:07Z',
    region: 'us-east-1',
    resources: [],
    detail: {
      eventVersion: '1.11',
      userIdentity: {
        type: 'IAMUser',
        principalId: 'AIDAEXAMPLEEXAMPLE001',
        arn: `arn:aws:iam::${ACCOUNT}:user/alice`,
        accountId: ACCOUNT,
        accessKeyId: 'AKIAEXAMPLEEXAMPLE01',
        userName: 'alice',
      },
      eventTime: '2026-11-03T09:14:06Z',
      eventSource: 'elasticache.amazonaws.com',
      eventName: 'AuthorizeCacheSecurityGroupIngress',
      awsRegion: 'us-east-1',
      sourceIPAddress: '203.0.113.24',
      userAgent: 'aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.8 md/arch#x86_64 lang/python#3.13.7',
      requestParameters: { cacheSecurityGroupName, eC2SecurityGroupName, eC2SecurityGroupOwnerId },
      responseElements: {
        ownerId: ACCOUNT,
        cacheSecurityGroupName,
        description: 'Session store of the shop',
        eC2SecurityGroups: [{ status: 'authorizing', eC2SecurityGroupName, eC2SecurityGroupOwnerId }],
      },
      requestID: '5f6b7d1c-b8a3-11f0-9e2d-0d6a5c3b1001',
      eventID: `3d2c5a1e-64f0-4a0e-8b58-${String(number).padStart(12, '0')}`,
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: ACCOUNT,
      eventCategory: 'Management',
    },
  };
}
