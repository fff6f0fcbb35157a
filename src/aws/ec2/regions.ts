import { DescribeRegionsCommand } from '@aws-sdk/client-ec2';
import type { AroundEachTry } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';
import { ec2Client } from './client.ts';

/**
 * The regions that an account has enabled, or all that there are in the partition, with DescribeRegions. Without AllRegions it answers
 * those that are enabled for the account (EC2 API Reference).
 *
 * @throws what the API answers, after the SDK's retries; an error if it names no region, since the one that is asked is enabled.
 */
export async function listRegions(
  config: ClientConfig,
  which: 'enabled' | 'all',
  { abortSignal, aroundEachTry }: { readonly abortSignal?: AbortSignal; readonly aroundEachTry?: AroundEachTry } = {},
): Promise<readonly string[]> {
  const client = ec2Client(config, aroundEachTry);
  const command = new DescribeRegionsCommand({ ...(which === 'all' && { AllRegions: true }) });
  try {
    const { Regions = [] } = await client.send(command, { ...(abortSignal && { abortSignal }) });
    const names = Regions.flatMap(({ RegionName }) => RegionName ?? []);
    if (names.length === 0) throw new Error('EC2 named no region, not even the one that was asked');
    return names.sort();
  } finally {
    client.destroy();
  }
}
