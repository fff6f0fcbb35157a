import { expect, test } from 'vitest';
import { partitionOf } from '../../src/policy/partition.ts';

test.each([
  ['us-east-1', 'aws'],
  ['mx-central-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['us-isof-south-1', 'aws-iso-f'],
  ['eu-isoe-west-1', 'aws-iso-e'],
  ['eusc-de-east-1', 'aws-eusc'],
])('%s is in the partition %s', (region, partition) => {
  expect(partitionOf(region)).toBe(partition);
});
