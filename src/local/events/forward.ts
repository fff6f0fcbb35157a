import type { Account } from '../account.ts';
import type { Accounts } from '../accounts.ts';
import type { BusEvent } from '../bus-event.ts';
import { mayPut } from './bus-permission.ts';
import type { EventBus, RuleTarget } from './event-buses.ts';

/** An event that is to be put on another bus. */
export interface Forwarded {
  readonly event: BusEvent;
  readonly busArn: string;
}

/**
 * What the rules of a bus forward of an event to other buses. Documented: the event stays as it is, with its account and its region,
 * also where it goes to another region; the role of the target needs the permission, and the other bus must allow the account; what
 * is refused is not tried again, and comes into the target's dead-letter queue.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
 *
 * @param account whose bus it is.
 */
export function forwardedBy(bus: EventBus, account: Account, event: BusEvent, accounts: Accounts): Forwarded[] {
  const rules = [...bus.rules.values()].filter((rule) => account.stateOf(rule) === 'ENABLED' && rule.matches(event));
  return rules.flatMap(({ targets }) =>
    targets.flatMap((target) => {
      if (!target.Arn.includes(':event-bus/')) return [];
      if (isAllowed(target, account, event, accounts)) return [{ event, busArn: target.Arn }];
      keep(event, target, accounts);
      return [];
    }),
  );
}

function isAllowed(target: RuleTarget, account: Account, event: BusEvent, accounts: Accounts): boolean {
  const role = target.RoleArn === undefined ? undefined : account.roles.find(target.RoleArn);
  if (target.RoleArn !== undefined && role === undefined) return false;
  const principalArn = role?.arn ?? `arn:aws:iam::${account.id}:root`;
  const caller = { accountId: account.id, principalArn, arn: principalArn, userId: '' };
  const session = role && { role, name: 'events', issuedAt: 0, expiresAt: 0 };
  return mayPut({ ...caller, ...(session && { session }) }, event, target.Arn, accounts) === 'allowed';
}

/** Without a queue, the event is lost. */
function keep(event: BusEvent, { DeadLetterConfig }: RuleTarget, accounts: Accounts): void {
  const [, , , region = '', accountId = '', queue = ''] = (DeadLetterConfig?.Arn ?? '').split(':');
  accounts.find(accountId)?.region(region)?.queues.find(queue)?.send(JSON.stringify(event));
}
