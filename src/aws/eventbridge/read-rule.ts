import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';

/** A rule of an event bus, as it is now. */
export interface EventRule {
  readonly arn: string;
  readonly isEnabled: boolean;
  /** As EventBridge has it: JSON. Not there for a rule that a schedule starts. */
  readonly pattern: string | undefined;
  /** The ARNs of the targets that get what the rule takes, as it is. */
  readonly targets: readonly string[];
  /** The ARNs of the targets that get something else in its place: a constant, a part of it, or what a template makes of it. */
  readonly targetsOfOtherInput: readonly string[];
}

/**
 * Reads a rule with DescribeRule and ListTargetsByRule; `undefined` if there is none.
 *
 * @param bus the name of its event bus; `default` if not given.
 * @throws what the API answers otherwise, after the SDK's retries.
 */
export async function readRule(
  config: ClientConfig,
  name: string,
  abortSignal?: AbortSignal,
  bus?: string,
): Promise<EventRule | undefined> {
  const client = prepareClient(new EventBridgeClient({ ...RETRYING, ...config }), {
    DescribeRule: 'State',
    ListTargetsByRule: 'Targets',
  });
  const options = { ...(abortSignal && { abortSignal }) };
  const where = { ...(bus !== undefined && { EventBusName: bus }) };
  try {
    const { Arn, State, EventPattern } = await client.send(new DescribeRuleCommand({ Name: name, ...where }), options);
    // A rule has at most five targets, and a page 100 (EventBridge User Guide, quotas).
    const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: name, ...where }), options);
    if (State === undefined || Targets === undefined) throw new Error(`EventBridge said nothing of rule ${name}`);
    return {
      arn: Arn ?? '',
      isEnabled: State.startsWith('ENABLED'),
      pattern: EventPattern,
      targets: arnsOf(Targets.filter((target) => !hasOtherInput(target))),
      targetsOfOtherInput: arnsOf(Targets.filter(hasOtherInput)),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}

function hasOtherInput({ Input, InputPath = '$', InputTransformer }: Target): boolean {
  return Input !== undefined || InputPath !== '$' || InputTransformer !== undefined;
}

function arnsOf(targets: readonly Target[]): string[] {
  return targets.flatMap(({ Arn }) => Arn ?? []);
}
