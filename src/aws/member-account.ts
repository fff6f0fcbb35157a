import type { AwsCredentialIdentityProvider } from '@smithy/types';
import type { Place } from '../policy/place.ts';
import { auditConnector } from './audit-connector.ts';
import { type CallCounter, callCounter } from './call-counter.ts';
import type { AwsAtPlace } from './connect.ts';
import type { ListedRegions } from './ec2/regions.ts';
import type { HowToConnect } from './kept.ts';
import { FailureWithReason } from './why-not-judged.ts';

/** The calls that are made in one member account. */
export interface MemberAccount extends Disposable {
  /** For places of this account. Calls to any other fail: nothing of one account is ever used for another. */
  readonly connect: (place: Place) => AwsAtPlace;
  /** The regions of the partition, and which of them the account has enabled. Rejects with what the API answers. */
  readonly listRegions: () => Promise<ListedRegions>;
  /** What the rule that sends events to the hub is like at a place, and how many events its queue holds. */
  readonly readRule: (place: Place, name: string) => Promise<MemberRule | undefined>;
  readonly countMessages: (place: Place, queue: string) => Promise<number | undefined>;
  /** The calls that were made so far, by operation, retries included. */
  readonly apiCalls: () => Readonly<Record<string, number>>;
  /** Closes the connections: see `AuditConnector`. */
  [Symbol.dispose](): void;
}

type MemberRule = Awaited<ReturnType<typeof import('./eventbridge/read-rule.ts').readRule>>;

export interface HowToReachAccount {
  readonly account: string;
  /** Where it is asked which regions it has enabled. */
  readonly homeRegion: string;
  /** The credentials to look with; none for the SDK's own. */
  readonly credentials?: AwsCredentialIdentityProvider | undefined;
  /** The credentials for one revocation each; none to revoke with those to look with. */
  readonly revokingCredentialsFor?: HowToConnect['revokingCredentialsFor'];
  /** How many calls a region gets at most, of each service; any number if not given: the SDK finds the limits of AWS. */
  readonly requestsPerSecond?: number;
  /** When every call must have ended. */
  readonly deadline: Date;
  readonly timeUp: AbortSignal;
  /** Counts what is not counted otherwise; that of the account's sessions, if they are its alone. */
  readonly counter?: CallCounter;
}

/** Reaches one member account. Clients are made for it alone, and go with it. */
export function memberAccount(how: HowToReachAccount): MemberAccount {
  const { account, homeRegion, credentials, deadline, timeUp, counter = callCounter() } = how;
  const { requestsPerSecond = Number.POSITIVE_INFINITY } = how;
  const credentialsFor = (place: Place) => (place.account === account ? credentials : refuse(place, account));
  const connector = auditConnector({
    requestsPerSecond,
    deadline,
    credentialsFor,
    revokingCredentialsFor: (place, target) =>
      place.account === account ? how.revokingCredentialsFor?.(place, target) : refuse(place, account),
  });
  const configOf = (place: Place) => {
    const own = credentialsFor(place);
    return { region: place.region, ...(own && { credentials: own }) };
  };
  return {
    connect: connector.connect,
    [Symbol.dispose]: connector[Symbol.dispose],
    async listRegions() {
      const { listRegions } = await import('./ec2/regions.ts');
      const config = configOf({ account, region: homeRegion });
      return await listRegions(config, { abortSignal: timeUp, aroundEachTry: counter.count });
    },
    async readRule(place, name) {
      const { readRule } = await import('./eventbridge/read-rule.ts');
      return await readRule(configOf(place), name, timeUp);
    },
    async countMessages(place, queue) {
      const { countMessages } = await import('./sqs/count-messages.ts');
      return await countMessages(configOf(place), place, queue, timeUp);
    },
    apiCalls: () => ({ ...connector.made, ...counter.calls }),
  };
}

/** A security group that another account shares is listed here and is that account's: its own evaluation speaks of it. */
function refuse({ account, region }: Place, own: string): AwsCredentialIdentityProvider {
  return async () => {
    throw new FailureWithReason('error', `${region} of account ${account} is not reached by way of account ${own}`);
  };
}
