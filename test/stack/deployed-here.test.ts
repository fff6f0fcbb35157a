import { expect, inject, test } from 'vitest';
import { readDeployment } from '../../src/local/read-deployment.ts';
import { readTemplate, type Template } from './template.ts';

/** What the Serverless Framework adds for packages, and for Lambda's own queue. */
const NOT_HERE = /^ServerlessDeploymentBucket|LambdaEvConf$/;

/** Rules and permissions without their ids, which the Serverless Framework makes. */
function byType({ Resources }: Pick<Template, 'Resources'>): Record<string, string[]> {
  const known = Object.entries(Resources).filter(([id]) => !NOT_HERE.test(id));
  const named = known.map(([id, { Type }]) => [Type, /Rule\d*$|Permission/.test(id) ? Type : id] as const);
  return Object.fromEntries(
    Object.entries(Object.groupBy(named, ([type]) => type)).map(([type, all = []]) => [
      type,
      all.map(([, name]) => name).sort(),
    ]),
  );
}

test('the local AWS deploys every resource and output that is packaged, but for the bucket of packages', async () => {
  const packaged = await readTemplate(inject('packageFolder'));

  const settings = { mode: 'report-only', maxRevocations: '10', shared: 'hold', mixed: 'hold', chat: 'false' };
  const here = await readDeployment({ folder: '.', region: 'us-east-1', stage: 'prod', settings });

  expect(byType(here as never)).toEqual(byType(packaged));
  const outputs = Object.keys(packaged.Outputs).filter(
    (name) => !NOT_HERE.test(name) && !name.startsWith('Serverless'),
  );
  expect(Object.keys(here.Outputs ?? {}).sort()).toEqual(outputs.sort());
});

test('what the local AWS deploys allows, watches and tells the functions the same as what is packaged', async () => {
  const packaged = await readTemplate(inject('packageFolder'));
  const settings = { mode: 'report-only', maxRevocations: '10', shared: 'hold', mixed: 'hold', chat: 'false' };

  const { Resources } = await readDeployment({ folder: '.', region: 'us-east-1', stage: 'prod', settings });

  const of = (resources: object, type: string, read: (properties: never) => unknown) =>
    Object.values(resources as Template['Resources'])
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => JSON.stringify(read(Properties as never)))
      .sort();
  for (const [type, read] of [
    ['AWS::IAM::Role', ({ Policies }: { Policies: unknown }) => Policies],
    ['AWS::Events::Rule', ({ EventPattern }: { EventPattern: unknown }) => EventPattern ?? 'a schedule'],
    ['AWS::Lambda::Function', ({ Environment }: { Environment: unknown }) => Environment],
  ] as const) {
    expect(of(Resources, type, read as never), type).toEqual(of(packaged.Resources, type, read as never));
  }
});
