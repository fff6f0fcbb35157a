import type { BusEvent } from './bus-event.ts';
import type { StackFunction } from './stack.ts';

/**
 * What a function gets for an event: the event, or what the transformer of its rule makes of it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export function inputOf(event: BusEvent, { inputTransformer }: StackFunction): unknown {
  if (inputTransformer === undefined) return event;
  const { inputPathsMap, inputTemplate } = inputTransformer;
  const filled = inputTemplate.replace(/<(\w+)>/g, (_, name: string) => {
    const [, ...keys] = (inputPathsMap[name] ?? '$').split('.');
    const found = keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], event);
    return typeof found === 'string' ? JSON.stringify(found).slice(1, -1) : JSON.stringify(found ?? '');
  });
  return JSON.parse(filled);
}
