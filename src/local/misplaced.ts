import type { Accounts } from './accounts.ts';
import type { Region } from './region.ts';
import type { ApiCall } from './service.ts';
import { readQueueUrl } from './sqs/queue-url.ts';

/** A call to one place about something that another place has. AWS answers it as if there were no such thing. */
export interface Misplaced {
  readonly service: string;
  readonly action: string;
  /** What the call names. */
  readonly resource: string;
  /** Whose it is. */
  readonly owner: { readonly account: string; readonly region: string };
  /** Where the call went. */
  readonly calledAt: { readonly account: string; readonly region: string };
}

/**
 * What a call names that belongs to another place: a client or credentials of one place were used for another. Only what has an id of
 * its own is looked at: two places may have caches of the same name. Sources of rules, and security groups that only a filter of
 * DescribeSecurityGroups names, are not looked at, since those may be another account's for good reason.
 */
export function misplacedIn(
  {
    service,
    action,
    parameters,
    region,
    principal,
  }: Pick<ApiCall, 'service' | 'action' | 'parameters' | 'region' | 'principal'>,
  accounts: Accounts,
): Misplaced | undefined {
  const calledAt = { account: principal.accountId, region };
  for (const [name, value] of parameters) {
    const owner = ownerOf(service.name, action, name, value, calledAt, accounts);
    if (owner !== undefined && (owner.account !== calledAt.account || owner.region !== region)) {
      return { service: service.name, action, resource: value, owner, calledAt };
    }
  }
  return undefined;
}

type Place = Misplaced['owner'];

function ownerOf(
  service: string,
  action: string,
  parameter: string,
  value: string,
  calledAt: Place,
  accounts: Accounts,
): Place | undefined {
  if (service === 'sqs' && parameter === 'QueueUrl') {
    const owner = readQueueUrl(value)?.owner;
    return owner === undefined ? undefined : { account: owner, region: calledAt.region };
  }
  if (service !== 'ec2' || !isAboutGroup(action, parameter)) return undefined;
  const isIn = (place: Region) => place.securityGroups.find(value) !== undefined || place.securityGroupRules.has(value);
  const own = accounts.find(calledAt.account)?.region(calledAt.region);
  if (own !== undefined && isIn(own)) return calledAt;
  for (const account of accounts.list()) {
    const place = account.openRegions().find(isIn);
    if (place !== undefined) return { account: account.id, region: place.name };
  }
  return undefined;
}

function isAboutGroup(action: string, parameter: string): boolean {
  if (/^(GroupId|SecurityGroupRuleId)(\.\d+)?$/.test(parameter)) return true;
  return action !== 'DescribeSecurityGroups' && /^Filter\.\d+\.Value\.\d+$/.test(parameter);
}
