import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { compileEventPattern } from '../../src/local/event-pattern.ts';
import { outcomeEventJsonSchema } from '../../src/report/outcome-schema.ts';
import { SETTINGS } from '../../stack/packaging/settings/definitions.ts';
import { resolveSettings } from '../../stack/packaging/settings/resolve-settings.ts';
import { readSettingsFile } from '../../stack/packaging/settings/settings-file.ts';
import { summarize } from '../../stack/packaging/settings/summary.ts';
import { ofType, readTemplate, type Template } from '../stack/template.ts';
import { blocksOf, codesIn, tableUnder } from '../support/tools/markdown.ts';

const PAGE = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const BLOCKS = blocksOf(PAGE);
/** Under "The outcome event", in this order: an event, what another one holds of a rule of a security group, and a pattern. */
const [EVENT, OF_A_RULE, PATTERN] = BLOCKS.filter(({ language }) => language === 'json').map(({ text }) =>
  JSON.parse(text),
);

const PROD = { stage: 'prod', region: 'us-east-1', regionFrom: '--region', longestStage: 17 };

let template: Template;
beforeAll(async () => {
  template = await readTemplate(inject('packageFolder'));
});

describe('the outcome event on the page', () => {
  test.each([
    ['of a cache security group', EVENT.detail.responsePayload],
    ['of a rule of a security group', OF_A_RULE],
  ])('is as the schema says: %s', (_, payload) => {
    const ajv = new Ajv();
    ajv.validate(outcomeEventJsonSchema(), payload);

    expect(ajv.errors).toBeNull();
  });

  test('has every key that the table tells of, but for those of other outcomes', () => {
    const told = tableUnder(PAGE, '## The outcome event').flatMap(([keys]) => codesIn(keys as string));

    const shown = new Set([...Object.keys(EVENT.detail.responsePayload), ...Object.keys(OF_A_RULE)]);
    expect(told.sort()).toEqual([...shown, 'reason', 'grants', 'grantsLeftOut'].sort());
  });

  test.each(['enforceIngress', 'enforceSecurityGroup'])('of %s is taken by the pattern on the page', (name) => {
    const arn = EVENT.detail.requestContext.functionArn.replace(':$LATEST', '');
    const event = JSON.parse(JSON.stringify(EVENT).replaceAll('-enforceIngress:', `-${name}:`));
    const pattern = JSON.parse(
      JSON.stringify(PATTERN).replaceAll(/THE-ARN-OF-(\w+)/g, (_, one) => arn.replace('enforceIngress', one)),
    );

    expect(compileEventPattern(pattern)(event)).toBe(true);
  });
});

describe('the page', () => {
  test('has an entry for each alarm and for no other: what it means, what to look at, what to do', () => {
    const PARTS = ['Means', 'Look at', 'Do'];
    const entries = [...PAGE.matchAll(/^### `(\w+Alarm)`\n([\s\S]*?)(?=^#)/gm)];

    expect(entries.map(([, name]) => name).sort()).toEqual(
      ofType(template, 'AWS::CloudWatch::Alarm')
        .map(([id]) => id)
        .sort(),
    );
    expect(PAGE).toContain(`There are ${entries.length}.`);
    for (const [, name, text = ''] of entries) {
      expect(
        text.match(/^- \*\*[^*]*\*\* \S/gm)?.map((part) => part.slice(4, -5)),
        name,
      ).toEqual(PARTS);
    }
  });

  test('tells of every setting what its definition says', () => {
    const told = tableUnder(PAGE, '## Settings');

    expect(told.map(([name, otherwise]) => [name, otherwise])).toEqual(
      SETTINGS.map(({ name, defaultWords }) => [`\`${name}\``, defaultWords]),
    );
    for (const [at, { means }] of SETTINGS.entries()) expect(told[at]?.[2]?.startsWith(means), means).toBe(true);
  });

  test.each(['docs/operations.md', 'README.md'])(
    'and the README have no settings that packaging refuses: %s',
    (page) => {
      const files = blocksOf(readFileSync(page, 'utf8')).filter(({ text }) => text.includes('prod:'));

      expect(files).toHaveLength(1);
      for (const { text } of files) expect(resolveSettings(PROD, [], readSettingsFile(text)).problems).toEqual([]);
    },
  );

  test('shows the summary as packaging prints it', () => {
    const [file] = BLOCKS.filter(({ language }) => language === 'yaml');
    const { settings } = resolveSettings(PROD, ['maxRevocations=40'], readSettingsFile(file?.text ?? ''));
    const allowlist = { file: 'allowlist.yaml', rules: 2 };
    const summary = summarize(settings, { ...PROD, allowlist, sections: ['default', 'prod'] });
    const [, shown] = /^```\n(Settings of stage [\s\S]*?)\.\.\.\n```$/m.exec(PAGE) ?? [];

    expect(shown).toContain('maxRevocations');
    expect(summary.startsWith(shown as string)).toBe(true);
  });

  test('asks for no output that the stack does not have', () => {
    const asked = [...PAGE.matchAll(/OutputKey=='(\w+)'|=(\w+ScheduleName)\b|output `(\w+)`/g)].map(
      ([, queried, schedule, named]) => queried ?? schedule ?? named,
    );

    expect(asked.length).toBeGreaterThan(3);
    for (const name of asked) expect(Object.keys(template.Outputs)).toContain(name);
  });

  test('names no function or rule that the stack does not have', () => {
    const named = [...PAGE.matchAll(/\$stack-(\w+)/g)].map(([, name]) => `elasticache-ingress-guard-prod-${name}`);
    const names = new Set(
      Object.values(template.Resources).flatMap(({ Type, Properties: { FunctionName, Name } }) =>
        Type === 'AWS::Lambda::Function' ? [FunctionName] : Type === 'AWS::Events::Rule' ? [Name] : [],
      ),
    );

    expect(named.length).toBeGreaterThan(3);
    for (const name of named) expect(names).toContain(name);
  });

  test('has no command that bash cannot read', () => {
    const commands = BLOCKS.filter(({ language }) => language === 'sh');

    expect(commands.length).toBeGreaterThan(10);
    for (const { text } of commands) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
      expect(status, `${text}\n${stderr}`).toBe(0);
    }
  });
});
