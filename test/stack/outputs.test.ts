import { beforeAll, describe, expect, inject, test } from 'vitest';
import { ofType, readTemplate, type Template } from './template.ts';

let template: Template;
beforeAll(async () => {
  template = await readTemplate(inject('packageFolder'));
});

/** What a value refers to: logical ids, and parts of a `Fn::Sub`. */
function namesIn(value: unknown): string[] {
  const text = JSON.stringify(value);
  const references = text.matchAll(/"Ref":"([^"]+)"|"Fn::GetAtt":\["(\w+)"|\$\{(\w+(?:::\w+)?)\}/g);
  return [...references].map(([, ref, attribute, part]) => (ref ?? attribute ?? part) as string);
}

describe('an output of the stack', () => {
  test('refers to nothing that the stack does not have', () => {
    const known = [...Object.keys(template.Resources), 'AWS::Region', 'Domain'];

    for (const [name, { Value }] of Object.entries(template.Outputs).filter(
      ([, { Value }]) => typeof Value !== 'string',
    )) {
      expect(namesIn(Value).length, name).toBeGreaterThan(0);
      for (const one of namesIn(Value)) expect(known, name).toContain(one);
    }
  });

  test('names every function and its log, every schedule, and where what could not be handled is', () => {
    const named = Object.values(template.Outputs).flatMap(({ Value }) => namesIn(Value));

    for (const type of [
      'AWS::Lambda::Function',
      'AWS::Logs::LogGroup',
      'AWS::Scheduler::Schedule',
      'AWS::SNS::Topic',
    ]) {
      const ids = ofType(template, type).map(([id]) => id);
      expect(ids.length, type).toBeGreaterThan(0);
      expect(named).toEqual(expect.arrayContaining(ids));
    }
    expect(named).toEqual(
      expect.arrayContaining(['DeadLetterQueue', 'UndeliveredQueue', 'WatchedEventsArchive', 'Dashboard']),
    );
  });

  test('has no export, so that no other stack can hold on to it', () => {
    const ours = Object.entries(template.Outputs).filter(([name]) => !name.startsWith('Serverless'));

    for (const [name, output] of ours) expect(output, name).not.toHaveProperty('Export');
  });
});

test.each(['EnforceIngress', 'EnforceSecurityGroup'])('the rule that invokes %s has the function’s name', (id) => {
  const { FunctionName } = template.Resources[`${id}LambdaFunction`]?.Properties ?? {};
  const rules = ofType(template, 'AWS::Events::Rule').filter(([, { Properties }]) =>
    JSON.stringify(Properties.Targets).includes(`"${id}LambdaFunction"`),
  );

  expect(rules.map(([, { Properties }]) => Properties.Name)).toEqual([FunctionName]);
});

test('the description says what the stack is, and in which stage and mode', () => {
  expect(template.Description).toMatch(/^Ingress Guard, stage prod, mode report-only: /);
});
