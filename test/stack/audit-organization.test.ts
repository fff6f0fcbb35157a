import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { runNode } from '../support/commands/run-process.ts';

/** It has no types. */
const aslValidator = createRequire(import.meta.url)('asl-validator') as (definition: object) => {
  readonly isValid: boolean;
  errorsText(): string;
};

const FILE = 'stack/audit-organization.asl.json';
const TEXT = readFileSync(FILE, 'utf8');

/** A state, as far as it is looked at here. */
interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly ItemProcessor?: { readonly ProcessorConfig: { readonly Mode: string }; readonly States: States };
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Catch?: unknown;
}
type States = Readonly<Record<string, State>>;

function definition(): { States: Record<string, State> } {
  return JSON.parse(TEXT);
}

/** Every state, with those of its Maps. */
function statesIn(states: States): [string, State][] {
  return Object.entries(states).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...statesIn(state.ItemProcessor?.States ?? {}),
  ]);
}

test('the definition is valid Amazon States Language', () => {
  const { isValid, errorsText } = aslValidator(definition());

  expect(isValid, errorsText()).toBe(true);
});

test.each<[string, (broken: string) => string]>([
  ['a state that is not there', (text) => text.replace('"Next": "Settle"', '"Next": "Setle"')],
  ['a state that nothing leads to', (text) => text.replace('"Next": "CloseRun"', '"End": true')],
  ['a Map without a processor', (text) => text.replaceAll('"ItemProcessor"', '"ItemProcesor"')],
  ['a path that cannot be read', (text) => text.replace('"ResultPath": "$.judged"', '"ResultPath": "judged["')],
  ['a Catch that leads nowhere', (text) => text.replace('"Next": "NotJudged"', '"Next": "Nowhere"')],
])('a broken one is not: %s', (_, spoil) => {
  const broken = spoil(TEXT);

  expect(broken).not.toBe(TEXT);
  expect(aslValidator(JSON.parse(broken)).isValid).toBe(false);
});

test('the validator’s command takes the file as it is', async () => {
  const command = ['node_modules/asl-validator/dist/bin/asl-validator.js', '--json-path', FILE];

  const { exitCode, output } = await runNode(command);

  expect(output).not.toMatch(/invalid/i);
  expect(exitCode, output).toBe(0);
});

test('the definition uses only what every engine knows: invocations of functions, inline Maps, and states that pass', () => {
  const states = statesIn(definition().States).map(([, state]) => state);

  expect(new Set(states.map(({ Type }) => Type))).toEqual(new Set(['Task', 'Map', 'Pass']));
  expect(new Set(states.flatMap(({ Resource }) => Resource ?? []))).toEqual(
    new Set(['arn:aws:states:::lambda:invoke']),
  );
  for (const { ItemProcessor } of states) expect(ItemProcessor?.ProcessorConfig.Mode ?? 'INLINE').toBe('INLINE');
  expect(TEXT).not.toMatch(/Tolerated|ItemReader|ItemBatcher|ResultWriter|QueryLanguage|States\.(?!ALL|TaskFailed)/);
});

test('nothing that acts is tried again, and only errors that pass by themselves are', () => {
  const tried = Object.fromEntries(
    statesIn(definition().States).flatMap(([name, { Retry }]) =>
      Retry === undefined ? [] : [[name, Retry.flatMap(({ ErrorEquals }) => ErrorEquals)]],
    ),
  );

  expect(Object.keys(tried).sort()).toEqual(['CloseRun', 'JudgeAccount', 'ListTargets', 'Settle']);
  for (const name of ['JudgeAccount', 'ListTargets', 'Settle']) {
    expect(tried[name]?.filter((error) => !/^(ThrottledError|Lambda\.\w+Exception)$/.test(error))).toEqual([]);
  }
});

test('one account that fails ends neither Map', () => {
  for (const [name, { Type, Catch }] of statesIn(definition().States)) {
    if (Type === 'Task' && /Account$/.test(name)) expect(Catch, name).toMatchObject([{ ErrorEquals: ['States.ALL'] }]);
  }
});

test('every account is evaluated before the first is acted on', () => {
  const { JudgeAccounts, Settle, ActAccounts } = definition().States as Record<string, State & { Next?: string }>;

  expect([JudgeAccounts?.Next, Settle?.Next, ActAccounts?.Next]).toEqual(['Settle', 'ActAccounts', 'CloseRun']);
});
