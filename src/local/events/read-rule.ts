import { ApiError } from '../api-error.ts';
import { type Parameters, required } from '../parameters.ts';
import type { Region } from '../region.ts';
import { shown } from '../shown.ts';
import type { EventBus, Rule } from './event-buses.ts';

/**
 * The rule that a call names, and its bus.
 *
 * @param nameParameter `Name`, or `Rule`.
 * @throws {ApiError} MissingParameter or ResourceNotFoundException. Its words are seen in public reports.
 */
export function readRule(
  parameters: Parameters,
  nameParameter: string,
  { eventBuses }: Region,
): { readonly bus: EventBus; readonly rule: Rule } {
  const name = required(parameters, nameParameter);
  const busName = parameters.get('EventBusName') ?? 'default';
  const bus = eventBuses.find(busName);
  if (bus === undefined) {
    throw new ApiError('ResourceNotFoundException', `Event bus ${shown(busName)} does not exist.`);
  }
  const rule = bus.rules.get(name);
  if (rule === undefined) {
    throw new ApiError('ResourceNotFoundException', `Rule ${shown(name)} does not exist on EventBus ${bus.name}.`);
  }
  return { bus, rule };
}

/** The ARN of the rule that a call names, whether it is there or not. */
export function ruleArnOf(nameParameter: string): (parameters: Parameters, region: Region) => string {
  return (parameters, { name: region, accountId }) => {
    const bus = (parameters.get('EventBusName') ?? 'default').replace(/^.*event-bus\//, '');
    const rule = parameters.get(nameParameter) ?? '';
    return `arn:aws:events:${region}:${accountId}:rule/${bus === 'default' ? rule : `${bus}/${rule}`}`;
  };
}
