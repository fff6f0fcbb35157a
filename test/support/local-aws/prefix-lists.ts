import {
  type AddPrefixListEntry,
  CreateManagedPrefixListCommand,
  type CreateManagedPrefixListCommandInput,
  DescribeManagedPrefixListsCommand,
  GetManagedPrefixListEntriesCommand,
  type ManagedPrefixList,
} from '@aws-sdk/client-ec2';
import { type LocalEndpoint, startEndpoint, TRANSITION } from './local-endpoint.ts';

/** A local endpoint as a test about managed prefix lists uses it. */
export interface PrefixListEndpoint extends LocalEndpoint {
  /** Lets a prefix list become what it is about to be. */
  settle(): void;
  /** Makes a prefix list of these entries, of IPv4 and for ten entries if nothing else is said, and gives its id. */
  create(Entries?: AddPrefixListEntry[], input?: Partial<CreateManagedPrefixListCommandInput>): Promise<string>;
  describe(PrefixListId: string): Promise<ManagedPrefixList | undefined>;
  /** The CIDR blocks of a version. */
  cidrsOf(PrefixListId: string, TargetVersion?: number): Promise<(string | undefined)[]>;
}

export async function startWithPrefixLists(): Promise<PrefixListEndpoint> {
  const endpoint = await startEndpoint();
  const { clock, ec2 } = endpoint;
  return {
    ...endpoint,
    settle() {
      clock.advance(TRANSITION);
      // Signatures are held to the endpoint's clock.
      ec2.config.systemClockOffset = clock.now() - Date.now();
    },
    async create(Entries = [], input = {}) {
      const named = { PrefixListName: 'offices', AddressFamily: 'IPv4', MaxEntries: 10 };
      const made = await ec2.send(new CreateManagedPrefixListCommand({ ...named, Entries, ...input }));
      return made.PrefixList?.PrefixListId as string;
    },
    async describe(PrefixListId) {
      const command = new DescribeManagedPrefixListsCommand({ PrefixListIds: [PrefixListId] });
      return (await ec2.send(command)).PrefixLists?.[0];
    },
    async cidrsOf(PrefixListId, TargetVersion) {
      const version = TargetVersion === undefined ? {} : { TargetVersion };
      const command = new GetManagedPrefixListEntriesCommand({ PrefixListId, ...version });
      return ((await ec2.send(command)).Entries ?? []).map(({ Cidr }) => Cidr);
    },
  };
}
