import { expect } from 'vitest';
import { type Answer, type ScriptedEndpoint, startScriptedEndpoint } from './scripted-endpoint.ts';

/** How many calls a listing may make before the endpoint refuses it more: an endless one is found so, and not by waiting. */
const MOST_CALLS = 60;
const ENOUGH: Answer = { status: 400, xml: '<Response><Errors><Error><Code>Enough</Code></Error></Errors></Response>' };

/** An endpoint that gives these answers, by action: in turn, the last one for ever. */
export function startOddEndpoint(answers: Readonly<Record<string, readonly Answer[]>>): Promise<ScriptedEndpoint> {
  const made: string[] = [];
  return startScriptedEndpoint((action) => {
    const before = made.filter((one) => one === action).length;
    made.push(action);
    if (made.length > MOST_CALLS) return ENOUGH;
    return answers[action]?.[before] ?? answers[action]?.at(-1) ?? ENOUGH;
  });
}

/**
 * Holds what a listing threw to what may be thrown: what the API says, that it gave no answer or no end, and no defect of ours.
 */
export function expectSoundError(error: unknown): void {
  expect(error).toBeInstanceOf(Error);
  const { name, message, stack = '' } = error as Error;
  expect(name, 'a listing ends').not.toBe('Enough');
  const [thrownAt = ''] = stack.slice(stack.indexOf(message) + message.length).match(/\n +at .*/) ?? [];
  const isOurs = name === 'UnusableAnswerError' || message.startsWith('the listing does not end');
  if (!isOurs) expect(thrownAt).not.toMatch(/\/src\//);
}
