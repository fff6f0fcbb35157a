import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { beforeAll, expect, inject, test } from 'vitest';
import { resolveSettings } from '../../stack/packaging/settings/resolve-settings.ts';
import { readSettingsFile } from '../../stack/packaging/settings/settings-file.ts';
import { ofType, readTemplate, type Template } from '../stack/template.ts';
import { blocksOf } from '../support/tools/markdown.ts';

const PAGES = globSync('docs/how-to/*.md').map((page) => {
  const text = readFileSync(page, 'utf8');
  return { page, text, commands: blocksOf(text).filter(({ language }) => language === 'sh') };
});
/** An organization has outputs and functions of its own: organization.test.ts. */
const OF_ONE_STACK = PAGES.filter(({ page }) => !page.endsWith('organization.md'));
const START = 'export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1\nstack=elasticache-ingress-guard-prod\n';

let template: Template;
beforeAll(async () => {
  template = await readTemplate(inject('packageFolder'));
});

test('alarms.md has an entry for each alarm and for no other: what it means, what to look at, what to do', () => {
  const alarms = readFileSync('docs/how-to/alarms.md', 'utf8').replace(/^## Alarms of an organization\n[\s\S]*/m, '');
  const entries = [...alarms.matchAll(/^### `(\w+Alarm)`\n([\s\S]*?)(?=^#)/gm)];

  expect(entries.map(([, name]) => name).sort()).toEqual(
    ofType(template, 'AWS::CloudWatch::Alarm')
      .map(([id]) => id)
      .sort(),
  );
  expect(alarms).toContain(`There are ${entries.length}.`);
  for (const [, name, text = ''] of entries) {
    expect(
      text.match(/^- \*\*[^*]*\*\* \S/gm)?.map((part) => part.slice(4, -5)),
      name,
    ).toEqual(['Means', 'Look at', 'Do']);
  }
});

test('deploy.md has no settings that packaging refuses', () => {
  const files = blocksOf(readFileSync('docs/how-to/deploy.md', 'utf8')).filter(({ text }) => text.includes('prod:'));
  const prod = { stage: 'prod', region: 'us-east-1', regionFrom: '--region', longestStage: 17 };

  expect(files).toHaveLength(1);
  for (const { text } of files) expect(resolveSettings(prod, [], readSettingsFile(text)).problems).toEqual([]);
});

test('no page asks for an output that the stack does not have', () => {
  const asked = OF_ONE_STACK.flatMap(({ text }) =>
    [...text.matchAll(/OutputKey=='(\w+)'|=(\w+ScheduleName)\b|output `(\w+)`/g)].map(
      ([, queried, schedule, named]) => queried ?? schedule ?? named,
    ),
  );

  expect(asked.length).toBeGreaterThan(3);
  for (const name of asked) expect(Object.keys(template.Outputs)).toContain(name);
});

test('no page names a function or a rule that the stack does not have', () => {
  const named = OF_ONE_STACK.flatMap(({ text }) =>
    [...text.matchAll(/\$stack-(\w+)/g)].map(([, name]) => `elasticache-ingress-guard-prod-${name}`),
  );
  const names = new Set(
    Object.values(template.Resources).flatMap(({ Type, Properties: { FunctionName, Name } }) =>
      Type === 'AWS::Lambda::Function' ? [FunctionName] : Type === 'AWS::Events::Rule' ? [Name] : [],
    ),
  );

  expect(named.length).toBeGreaterThan(3);
  for (const name of named) expect(names).toContain(name);
});

test('no page has a command that bash cannot read', () => {
  const commands = PAGES.flatMap((page) => page.commands);

  expect(commands.length).toBeGreaterThan(10);
  for (const { text } of commands) {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
    expect(status, `${text}\n${stderr}`).toBe(0);
  }
});

test.each(OF_ONE_STACK.filter(({ text }) => text.includes('"$stack')))(
  '$page sets region and stack before it uses them',
  ({ commands }) => {
    expect(commands[0]?.text).toBe(START);
  },
);
