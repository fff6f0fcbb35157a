import { DescribeRuleCommand, EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';

/** The rule that sends the events of a place to the hub, as it is now. */
export interface MemberRule {
  readonly isEnabled: boolean;
  /** As EventBridge has it: JSON. */
  readonly pattern: string | undefined;
  /** The ARNs of its targets. */
  readonly targets: readonly string[];
}

/**
 * Reads a rule of the default bus with DescribeRule and ListTargetsByRule; `undefined` if there is none.
 *
 * @throws what the API answers otherwise, after the SDK's retries.
 */
export async function readMemberRule(
  config: ClientConfig,
  name: string,
  abortSignal?: AbortSignal,
): Promise<MemberRule | undefined> {
  const client = prepareClient(new EventBridgeClient({ ...RETRYING, ...config }), {
    DescribeRule: 'State',
    ListTargetsByRule: 'Targets',
  });
  const options = { ...(abortSignal && { abortSignal }) };
  try {
    const { State, EventPattern } = await client.send(new DescribeRuleCommand({ Name: name }), options);
    // A rule has at most five targets, and a page 100 (EventBridge User Guide, quotas).
    const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: name }), options);
    if (State === undefined || Targets === undefined) throw new Error(`EventBridge said nothing of rule ${name}`);
    return {
      isEnabled: State.startsWith('ENABLED'),
      pattern: EventPattern,
      targets: Targets.flatMap(({ Arn }) => Arn ?? []),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}
