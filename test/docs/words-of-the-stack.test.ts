import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

type Part = (context: { resolveVariable(name: string): Promise<unknown> }) => Promise<{
  // biome-ignore lint/suspicious/noExplicitAny: what CloudFormation takes is far too much to type here
  Resources: Record<string, { Type: string; Properties: any }>;
}>;

const require = createRequire(import.meta.url);

/** What a file of the stack adds to the template, with every setting that adds something. */
async function resourcesOf(file: string) {
  const make = require(`../../stack/${file}`) as Part;
  return Object.entries((await make({ resolveVariable: async () => 'true' })).Resources);
}

const SLOW = /\b(told|mend(s|ed|ing)?|beside|whoever|nobody|somebody|likewise|lest|anew|judg(e|ed|es|ing)|lets? in)\b/i;

test('no alarm, rule or message of the stack has a word that slows a reader down', async () => {
  const resources = [...(await resourcesOf('alarms.cjs')), ...(await resourcesOf('notifications.cjs'))];
  const texts = resources.flatMap(([id, { Properties }]) =>
    [
      Properties.AlarmDescription,
      Properties.Description,
      ...(Properties.Targets ?? []).flatMap(({ Input, InputTransformer }: Record<string, unknown>) => [
        Input,
        (InputTransformer as { InputTemplate?: string } | undefined)?.InputTemplate,
      ]),
    ]
      .filter((text) => typeof text === 'string')
      .map((text) => ({ id, text })),
  );

  expect(texts.length).toBeGreaterThan(30);
  expect(texts.filter(({ text }) => SLOW.test(text))).toEqual([]);
});
