import type { Accounts } from '../accounts.ts';
import type { BusEvent } from '../bus-event.ts';
import type { Caller } from '../iam/caller.ts';
import type { EventBus } from './event-buses.ts';

/** An event bus by its ARN, no matter whose it is. */
export function findBus(arn: string, accounts: Accounts): EventBus | undefined {
  const [, , , region = '', accountId = ''] = arn.split(':');
  return accounts.find(accountId)?.region(region)?.eventBuses.find(arn);
}

/**
 * Whether someone may put an event on a bus: by what its role may do; and onto the bus of another account only if the policy of the
 * bus says so. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
 */
export function mayPut(
  caller: Pick<Caller, 'accountId' | 'principalArn' | 'arn' | 'userId' | 'session'>,
  event: BusEvent,
  busArn: string,
  accounts: Accounts,
): 'allowed' | 'denied' | 'no such bus' {
  const bus = findBus(busArn, accounts);
  const [, , , region = '', owner = ''] = busArn.split(':');
  const question = {
    action: 'events:PutEvents',
    resource: busArn,
    principal: { accountId: caller.accountId, arn: caller.principalArn },
    context: new Map([
      ...accounts.contextOf(caller),
      ['events:source', event.source],
      ['events:detail-type', event['detail-type']],
      ['aws:requestedregion', region],
    ]),
  };
  const own = [caller.session?.role.policies, caller.session?.policy].filter((one) => one !== undefined);
  const isAllowed = own.every((policies) => {
    const answers = [policies].flat().map((policy) => policy(question));
    return answers.includes('allow') && !answers.includes('explicit deny');
  });
  if (!isAllowed) return 'denied';
  if (bus === undefined) return owner === caller.accountId ? 'no such bus' : 'denied';
  const answer = bus.policy?.(question) ?? 'implicit deny';
  if (answer === 'explicit deny') return 'denied';
  return answer === 'allow' || owner === caller.accountId ? 'allowed' : 'denied';
}
