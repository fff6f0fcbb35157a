import { expect, test } from 'vitest';
import { endpointAt, serverlessEndpointAt } from '../../../src/local/elasticache/addresses.ts';

test.each([
  ['us-east-1', 'use1'],
  ['us-west-2', 'usw2'],
  ['eu-central-1', 'euc1'],
  ['ap-southeast-2', 'apse2'],
  ['ap-northeast-1', 'apne1'],
  ['eu-north-1', 'eun1'],
])('the addresses of caches in %s have %s in them', (region, short) => {
  const addresses = [
    endpointAt(region, 'shop', 'cfg', 11211),
    serverlessEndpointAt(region, 'shop', 6379, 'vpc'),
    serverlessEndpointAt(region, 'shop', 6380, 'public'),
  ];

  expect(addresses).toEqual([
    { Address: `shop.local0.cfg.${short}.cache.amazonaws.com`, Port: 11211 },
    { Address: `shop-local0.serverless.${short}.cache.amazonaws.com`, Port: 6379 },
    { Address: `shop-local0.public.serverless.${short}.cache.amazonaws.com`, Port: 6380 },
  ]);
});
