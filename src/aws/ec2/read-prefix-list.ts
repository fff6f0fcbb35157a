import {
  DescribeManagedPrefixListsCommand,
  type EC2Client,
  paginateGetManagedPrefixListEntries,
} from '@aws-sdk/client-ec2';
import { quote } from '../../policy/quote.ts';
import { readEntries } from '../../policy/vpc/read-source.ts';
import type { PrefixListContent } from '../../policy/vpc/source.ts';
import { pagesToTheEnd } from '../pages.ts';

/**
 * Reads the entries of a managed prefix list: the account's own, one that another account shares with it, or AWS's.
 *
 * DescribeManagedPrefixLists says which version is the current one, so that all pages of GetManagedPrefixListEntries are of the
 * same. AWS's own lists have no version in the samples of the EC2 API Reference. Its answer to a Modify has the version before:
 * a new one holds when the change is complete. So a list that is being changed has no entries to judge by.
 *
 * @throws what the API answers, after the SDK's retries, and an error for a list that EC2 does not show or that has an odd entry.
 */
export async function readPrefixList(
  client: EC2Client,
  prefixListId: string,
  abortSignal?: AbortSignal,
): Promise<PrefixListContent> {
  const command = new DescribeManagedPrefixListsCommand({ PrefixListIds: [prefixListId] });
  const { PrefixLists } = await client.send(command, abortSignal && { abortSignal });
  const list = PrefixLists?.find((one) => one.PrefixListId === prefixListId);
  if (list?.State === undefined) throw new Error(`EC2 does not show prefix list ${prefixListId} and its state`);
  if (list.State.endsWith('-in-progress')) return { isChanging: true };
  const input = { PrefixListId: prefixListId, ...(list.Version !== undefined && { TargetVersion: list.Version }) };
  const pages = paginateGetManagedPrefixListEntries({ client, pageSize: 100 }, input, { abortSignal });
  const cidrs: unknown[] = [];
  for await (const entries of pagesToTheEnd(pages, 'Entries', 'NextToken'))
    cidrs.push(...entries.map(({ Cidr }) => Cidr));
  const entries = readEntries(cidrs);
  if (entries !== undefined) return { entries };
  const odd = cidrs.find((cidr) => readEntries([cidr]) === undefined);
  throw new Error(`an entry of prefix list ${prefixListId} is no range of addresses: ${quote(odd)}`);
}
