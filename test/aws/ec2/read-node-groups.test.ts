import { CreateCacheClusterCommand } from '@aws-sdk/client-elasticache';
import { expect, test } from 'vitest';
import { ec2Client } from '../../../src/aws/ec2/client.ts';
import { readNodeGroups } from '../../../src/aws/ec2/read-node-groups.ts';
import { REGION } from '../../support/examples/grants.ts';
import { startWithSecurityGroups } from '../../support/local-aws/caches.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { ec2Error, interfacesPage } from '../../support/scripted/ec2-answers.ts';
import { startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';

async function read(url: string): Promise<Record<string, readonly string[]>> {
  const client = ec2Client({ endpoint: url, credentials, maxAttempts: 1, region: REGION });
  return Object.fromEntries(await readNodeGroups(client));
}

const groups = (...ids: readonly string[]) => ids.map((id) => `<item><groupId>${id}</groupId></item>`).join('');

test('the nodes of each cluster say which security groups guard it', async () => {
  const { url, sdk, web, batch } = await startWithSecurityGroups({ creatingMs: 0 });
  await sdk.send(
    new CreateCacheClusterCommand({
      CacheClusterId: 'Pages',
      Engine: 'memcached',
      NumCacheNodes: 3,
      SecurityGroupIds: [web],
    }),
  );
  await sdk.send(
    new CreateCacheClusterCommand({ CacheClusterId: 'a', Engine: 'redis', SecurityGroupIds: [web, batch] }),
  );

  expect(await read(url)).toEqual({ pages: [web], a: [web, batch] });
});

test('one listing has the nodes of every cluster, over all its pages and with those that the account hides', async () => {
  const first = [{ description: 'ElastiCache jobs', groupSet: groups('sg-0a') }];
  const second = [
    { description: 'ElastiCache+jobs', groupSet: groups('sg-0b', 'sg-0a') },
    { description: 'ElastiCache Sessions-001', groupSet: groups('sg-0c') },
  ];
  await using endpoint = await startScriptedEndpoint(interfacesPage(first, 'b'), interfacesPage(second));

  expect(await read(endpoint.url)).toEqual({ jobs: ['sg-0a', 'sg-0b'], 'sessions-001': ['sg-0c'] });
  expect(endpoint.requests.map((request) => request.get('IncludeManagedResources'))).toEqual(['true', 'true']);
  expect(endpoint.requests[0]?.get('Filter.1.Name')).toBe('description');
});

test('an interface says of which cluster it is also if only its operator shows that ElastiCache manages it', async () => {
  const operator = '<managed>true</managed><principal>elasticache.amazonaws.com</principal>';
  const hidden = { description: 'ElastiCache jobs', requesterId: '123456789012', requesterManaged: 'false', operator };
  const ofOther = { ...hidden, operator: operator.replace('elasticache', 'eks'), groupSet: groups('sg-0e') };
  await using endpoint = await startScriptedEndpoint(
    interfacesPage([{ ...hidden, groupSet: groups('sg-0a') }, ofOther]),
  );

  expect(await read(endpoint.url)).toEqual({ jobs: ['sg-0a'] });
});

test('an interface that anyone can have made says nothing of a cluster', async () => {
  const posing = { description: 'ElastiCache jobs', requesterId: undefined, requesterManaged: 'false' };
  await using endpoint = await startScriptedEndpoint(interfacesPage([{ ...posing, groupSet: groups('sg-0e') }]));

  expect(await read(endpoint.url)).toEqual({});
});

test.each([
  ['none', undefined],
  ['an empty list', ''],
  ['one without an id', groups('')],
  ['one that is no id', groups('web')],
])('a cluster is left out when a node of it has %s for its security groups', async (_, groupSet) => {
  const whole = { description: 'ElastiCache jobs', groupSet: groups('sg-0a') };
  const other = { description: 'ElastiCache pages', groupSet: groups('sg-0b') };
  await using endpoint = await startScriptedEndpoint(interfacesPage([whole, { ...whole, groupSet }, other]));

  expect(await read(endpoint.url)).toEqual({ pages: ['sg-0b'] });
});

test('what EC2 refuses to say is thrown', async () => {
  await using endpoint = await startScriptedEndpoint(
    interfacesPage([{ groupSet: groups('sg-0a') }], 'b'),
    ec2Error(403, 'UnauthorizedOperation'),
  );

  await expect(read(endpoint.url)).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
});
