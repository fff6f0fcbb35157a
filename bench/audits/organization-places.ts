// The organization that bench/organization.ts audits: which accounts fail, and what a report must say of each place.

export const REGIONS = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ap-south-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-north-1',
  'sa-east-1',
] as const;
export const HUB = '100000000000';
export const ORGANIZATION = 'o-bench00001';

/** How an account fails. 5 % of the accounts fail in each way. */
export type Failure = 'role' | 'scp' | 'denied' | 'throttled' | 'page' | 'suspended';

const FAILURES: readonly Failure[] = ['role', 'scp', 'denied', 'throttled', 'page', 'suspended'];
const FIRST = 200_000_000_000;

export function accountAt(index: number): string {
  return String(FIRST + index);
}

/** How an account fails; `undefined` if it does not. */
export function failureOf(account: string): Failure | undefined {
  return FAILURES[(Number(account) - FIRST) % 20];
}

/** The region in which an account fails that does not fail everywhere. */
export function failingRegion(account: string): string {
  return REGIONS[Number(account) % REGIONS.length] as string;
}

const WORDS: Readonly<Record<Failure, string>> = {
  role: 'not-judged member-role-missing',
  scp: 'not-judged denied-by-service-control-policy',
  denied: 'not-judged access-denied',
  throttled: 'not-judged throttled',
  page: 'not-judged error',
  suspended: 'not-applicable account-not-active',
};

/** What a report must say of a place. */
export function expectedWord(account: string, region: string): string {
  const failure = failureOf(account);
  if (failure === undefined) return 'judged';
  const isEverywhere = failure === 'role' || failure === 'suspended';
  return isEverywhere || failingRegion(account) === region ? WORDS[failure] : 'judged';
}
