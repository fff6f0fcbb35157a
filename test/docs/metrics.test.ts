import { readFileSync } from 'node:fs';
import { beforeAll, expect, inject, test } from 'vitest';
import { ofType, readTemplate, type Template } from '../stack/template.ts';
import { codesIn, tableUnder } from '../support/tools/markdown.ts';

const PAGE = readFileSync('docs/reference/metrics.md', 'utf8');
const METRICS = tableUnder(PAGE, '## Metrics').flatMap(([names = '']) => codesIn(names));
/** Those of an organization, and of a setting, are held to the files of the stack in organization.test.ts. */
const ALARMS = tableUnder(PAGE, '## Alarms').filter(
  ([names = '']) => !/, (?:in a hub|with the setting .*)$/.test(names),
);

let template: Template;
beforeAll(async () => {
  template = await readTemplate(inject('packageFolder'));
});

test('metrics.md names each alarm of the stack, and no other', () => {
  const named = ALARMS.flatMap(([names = '']) => codesIn(names));

  expect(named.sort()).toEqual(
    ofType(template, 'AWS::CloudWatch::Alarm')
      .map(([id]) => id)
      .sort(),
  );
});

test('metrics.md names every metric of ours that an alarm watches, and next to that alarm', () => {
  const ours = ofType(template, 'AWS::CloudWatch::Alarm').filter(
    ([, { Properties }]) => Properties.Namespace === 'IngressGuard',
  );

  expect(ours.length).toBeGreaterThan(8);
  for (const [id, { Properties }] of ours) {
    const [, watched = ''] = ALARMS.find(([names = '']) => codesIn(names).includes(id)) ?? [];
    expect(METRICS).toContain(Properties.MetricName);
    expect(codesIn(watched), id).toContain(Properties.MetricName);
  }
});
