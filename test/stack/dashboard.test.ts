import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { outcomeEventJsonSchema } from '../../src/report/outcome-schema.ts';
import { blocksOf } from '../support/tools/markdown.ts';
import { ofType, readTemplate } from './template.ts';

interface Widget {
  readonly properties: { readonly title: string; readonly query?: string };
}
let widgets: Widget[];
beforeAll(async () => {
  const [[, dashboard] = []] = ofType(await readTemplate(inject('packageFolder')), 'AWS::CloudWatch::Dashboard');
  widgets = JSON.parse(dashboard?.Properties.DashboardBody['Fn::Sub']).widgets;
});

/** The queries for CloudWatch Logs Insights on the pages. */
async function queriesOnPages(): Promise<string[]> {
  const pages = await Promise.all(globSync('docs/**/*.md').map((page) => readFile(page, 'utf8')));
  const blocks = pages.flatMap(blocksOf).map(({ text }) => text);
  return blocks.filter((text) => text.startsWith('filter '));
}

interface Schema {
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly anyOf?: Schema[];
  readonly oneOf?: Schema[];
}

/** Every field that such a value has, as Logs Insights names them: `grant.source.ec2SecurityGroupName`, `problems.0`. */
function fieldsOf({ properties = {}, items, anyOf = [], oneOf = [] }: Schema): string[] {
  const below = (name: string, schema: Schema) => [name, ...fieldsOf(schema).map((field) => `${name}.${field}`)];
  return [
    ...Object.entries(properties).flatMap(([name, schema]) => below(name, schema)),
    ...(items === undefined ? [] : below('0', items)),
    ...[...anyOf, ...oneOf].flatMap(fieldsOf),
  ];
}

/** What a line has beside: from Powertools, and of an error that was thrown. */
const OF_EVERY_LINE = ['message', 'error.message'];

describe('a query for Logs Insights', () => {
  test('names only fields that the lines have', async () => {
    const known = new Set([...fieldsOf(outcomeEventJsonSchema() as Schema), ...OF_EVERY_LINE]);
    const queries = [...widgets.flatMap(({ properties }) => properties.query ?? []), ...(await queriesOnPages())];

    expect(queries.length).toBeGreaterThan(5);
    for (const query of queries) {
      const named = query.replace(/'[^']*'|"[^"]*"|\/\^.*\//g, '').match(/(?<![@\w])[a-zA-Z]\w*(\.\w+)+/g) ?? [];
      expect(
        named.filter((field) => !known.has(field)),
        query,
      ).toEqual([]);
    }
  });
});

describe('the table of the tug of war', () => {
  const query = () =>
    widgets.find(({ properties }) => properties.title.startsWith('Tug of war'))?.properties.query ?? '';

  test('counts by day and by grant alone, so that callers who take turns are seen', () => {
    const [, by] = /\| stats [\s\S]*? by ([\s\S]*?)\|/.exec(query()) ?? [];

    expect(by?.split(',').map((field) => field.trim().split(' as ')[0])).toEqual([
      'bin(1d)',
      'grant.region',
      'cache',
      'securityGroup',
      'source',
      'owner',
    ]);
  });

  test('tells grants of both kinds apart by all that they are but the id of a rule, which is new each time', () => {
    const [, fields = ''] = /\| fields (coalesce\(grant[\s\S]*?)\| stats/.exec(query()) ?? [];
    const parts = (fieldsOf(outcomeEventJsonSchema() as Schema) as string[]).filter((field) =>
      /^grant\.(target|source)\.[^.]+$/.test(field),
    );

    expect(new Set(fields.match(/grant\.\w+\.\w+/g))).toEqual(
      // The kind of a source and the other names of a cache and a group say nothing that the other parts do not.
      new Set(
        parts.filter(
          (field) => !/securityGroupRuleId|ports|kind|clusterNames|securityGroupName$|entries|entryCount/.test(field),
        ),
      ),
    );
  });

  test.each([
    ['arn:aws:sts::123456789012:assumed-role/shop/deploy-17', 'arn:aws:sts::123456789012:assumed-role/shop'],
    ['arn:aws:sts::123456789012:assumed-role/shop/a@b.example', 'arn:aws:sts::123456789012:assumed-role/shop'],
    ['arn:aws-us-gov:sts::123456789012:assumed-role/shop/x', 'arn:aws-us-gov:sts::123456789012:assumed-role/shop'],
    ['arn:aws:iam::123456789012:user/team/alice', undefined],
    ['arn:aws:iam::123456789012:root', undefined],
  ])('takes a role without the name of its session: %s', (arn, role) => {
    const [, expression = ''] = /parse grantedBy\.arn \/(.*)\/$/m.exec(query()) ?? [];

    expect(new RegExp(expression).exec(arn)?.groups?.role).toBe(role);
  });
});
