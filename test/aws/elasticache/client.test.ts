import { DescribeCacheSecurityGroupsCommand } from '@aws-sdk/client-elasticache';
import { expect, test } from 'vitest';
import { elastiCacheClient } from '../../../src/aws/elasticache/client.ts';
import { REGION } from '../../support/examples/grants.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { startEndpoint } from '../../support/local-aws/local-endpoint.ts';

test('a client makes no copy of its questions and answers for a log', async () => {
  const endpoint = await startEndpoint();
  const logged: unknown[] = [];
  const log = (entry: unknown): void => {
    logged.push(entry);
  };
  const logger = { debug: () => {}, info: log, warn: log, error: log };
  const client = elastiCacheClient({ endpoint: endpoint.url, credentials, logger, region: REGION });

  await client.send(new DescribeCacheSecurityGroupsCommand({}));

  expect(logged).toEqual([]);
});
