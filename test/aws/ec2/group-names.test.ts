import { expect, test } from 'vitest';
import { ec2Client } from '../../../src/aws/ec2/client.ts';
import { readGroupNames } from '../../../src/aws/ec2/group-names.ts';
import { REGION } from '../../support/examples/grants.ts';
import { createGroup } from '../../support/local-aws/local-ec2.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { startEndpoint } from '../../support/local-aws/local-endpoint.ts';
import { ec2Answer, ec2Error } from '../../support/scripted/ec2-answers.ts';
import { type Answer, startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';

const read = (url: string, ids: readonly string[]) =>
  readGroupNames(ec2Client({ endpoint: url, credentials, maxAttempts: 1, region: REGION }), ids);

test('the names of security groups are those that EC2 lists, as they are', async () => {
  const { url, ec2 } = await startEndpoint();
  const web = await createGroup(ec2, 'Web (blue) *');

  const names = await read(url, [web, 'sg-0123456789abcdef0']);

  expect([...names]).toEqual([[web, 'Web (blue) *']]);
});

test('names are asked for in as few calls as that takes, and in none for no group', async () => {
  const { url, calls } = await startEndpoint();
  const before = calls.length;
  const ids = Array.from({ length: 201 }, (_, index) => `sg-${String(index).padStart(17, '0')}`);

  await read(url, []);
  await read(url, ids);

  expect(calls.slice(before).map(({ action }) => action)).toEqual(Array(2).fill('DescribeSecurityGroups'));
});

test.each<[string, Answer]>([
  ['an empty name', ec2Answer('DescribeSecurityGroups', groupNamed(''))],
  [
    'no name',
    ec2Answer('DescribeSecurityGroups', '<securityGroupInfo><item><groupId>sg-0a</groupId></item></securityGroupInfo>'),
  ],
  ['a name that no group can have', ec2Answer('DescribeSecurityGroups', groupNamed('a'.repeat(256)))],
])('%s is none', async (_, answer) => {
  await using endpoint = await startScriptedEndpoint(answer);

  expect((await read(endpoint.url, ['sg-0a'])).size).toBe(0);
});

test('names that may not be asked for are an error', async () => {
  await using endpoint = await startScriptedEndpoint(ec2Error(403, 'UnauthorizedOperation', 'No.'));

  await expect(read(endpoint.url, ['sg-0a'])).rejects.toThrow('No.');
});

function groupNamed(name: string): string {
  return `<securityGroupInfo><item><groupId>sg-0a</groupId><groupName>${name}</groupName></item></securityGroupInfo>`;
}
