import { DescribeRegionsCommand } from '@aws-sdk/client-ec2';
import type { AroundEachTry } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';
import { ec2Client } from './client.ts';

/** The regions of a partition, as an account sees them. Both by name. */
export interface ListedRegions {
  readonly all: readonly string[];
  /** Those that the account has enabled. */
  readonly enabled: readonly string[];
}

/**
 * All regions of the partition, and which of them an account has enabled, with DescribeRegions and AllRegions: each has an opt-in
 * status (EC2 API Reference, Region). One without a status counts as enabled, so that it is evaluated.
 *
 * @throws what the API answers, after the SDK's retries; an error if the region that was asked is not among the enabled ones: then
 * the answer is wrong, and by it no region would be evaluated.
 */
export async function listRegions(
  config: ClientConfig,
  { abortSignal, aroundEachTry }: { readonly abortSignal?: AbortSignal; readonly aroundEachTry?: AroundEachTry } = {},
): Promise<ListedRegions> {
  const client = ec2Client(config, aroundEachTry);
  const command = new DescribeRegionsCommand({ AllRegions: true });
  try {
    const { Regions = [] } = await client.send(command, { ...(abortSignal && { abortSignal }) });
    const isEnabled = ({ OptInStatus }: (typeof Regions)[number]): boolean => OptInStatus !== 'not-opted-in';
    const namesOf = (listed: typeof Regions) => listed.flatMap(({ RegionName }) => RegionName ?? []).sort();
    const enabled = namesOf(Regions.filter(isEnabled));
    if (enabled.includes(config.region)) return { all: namesOf(Regions), enabled };
    throw new Error(`EC2 in ${config.region} did not list that region itself as enabled`);
  } finally {
    client.destroy();
  }
}
