import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { compileEventPattern } from '../../src/local/event-pattern.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { makeSecondCheckout } from '../support/packaged/second-checkout.ts';
import { ORGANIZATION, runServerlessPackage } from '../support/packaged/serverless-package.ts';
import { SERVICE_RULES } from './service-rules.ts';
import {
  actionsOf,
  ofType,
  type Resource,
  readTemplate,
  refersTo,
  statementsOf,
  type Template,
  withoutFailingCall,
} from './template.ts';
import { RULES, watchingRule } from './template-rules.ts';

const { PATTERN, memberTemplate } = createRequire(import.meta.url)('../../stack/spoke.cjs') as {
  readonly PATTERN: object;
  memberTemplate(scope: {
    organization: string;
    regions: readonly string[];
    enforces: boolean;
    imports?: boolean;
  }): Template;
};

const ID = 'o-abcde12345';
const UNITS = Array.from({ length: 50 }, (_, i) => `ou-abcd-${10_000_000 + i}`);
const EXCLUDED = Array.from({ length: 50 }, (_, i) => `${111122223000 + i}`);
/** 34, with long names. */
const REGIONS = Array.from({ length: 33 }, (_, i) => `ap-southeast-${10 + i}`);
/** As much of everything as there can be, in mode enforce. */
const WIDEST = [
  '--param=mode=enforce',
  '--stage=longest-stage-yet',
  `--param=organization=${ID}`,
  `--param=organizationalUnits=${UNITS.join()}`,
  `--param=excludedAccounts=${EXCLUDED.join()}`,
  `--param=regions=${['us-east-1', ...REGIONS].join()}`,
  `--param=reportBucket=${'b'.repeat(63)}`,
  '--param=securityHub=true',
  `--param=allowlist=ssm:/${'s'.repeat(500)}`,
  '--param=maxRevocations=unlimited',
  '--param=maxRevocationsPerRun=unlimited',
  '--param=shared=revoke',
  '--param=mixed=revoke',
  '--param=chat=true',
  '--param=tracing=true',
];

let alone: Template;
let reporting: Template;
let enforcing: Template;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-organization-'));
  const packageInto = async (name: string, options: readonly string[]): Promise<Template> => {
    const { exitCode, output } = await runServerlessPackage(join(folder, name), {}, options);
    expect(exitCode, output).toBe(0);
    return readTemplate(join(folder, name));
  };
  alone = await readTemplate(inject('packageFolder'));
  reporting = await packageInto('reporting', ORGANIZATION);
  enforcing = await packageInto('enforcing', WIDEST);
  return () => rm(folder, { recursive: true, force: true });
});

function resource({ Resources }: Template, id: string): Resource {
  const found = Resources[id];
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}
/** The template that the StackSet gives to members. */
const given = (template: Template): Template => JSON.parse(resource(template, 'Spokes').Properties.TemplateBody);

/** Not of one with every setting, where regions and accounts are written. */
const OF_EVERY_STACK = 'no region, account or partition is written down';

test.each(Object.entries(RULES))('in the hub of an organization, in report-only mode: %s', (_, findBreaches) => {
  expect(findBreaches(reporting)).toEqual([]);
});

test.each(Object.entries(RULES).filter(([rule]) => rule !== OF_EVERY_STACK))(
  'in mode enforce, with every setting: %s',
  (_, findBreaches) => expect(findBreaches(enforcing)).toEqual([]),
);

describe.each(Object.entries(SERVICE_RULES))('%s', (_, findBreaches) => {
  test('in the hub of an organization, in report-only mode', () => expect(findBreaches(reporting)).toEqual([]));
  test('in mode enforce, with every setting', () => expect(findBreaches(enforcing)).toEqual([]));
});

describe('the setting organization', () => {
  test('adds to the stack of one account what is here, and nothing of it is there without', () => {
    const added = Object.keys(reporting.Resources).filter((id) => alone.Resources[id] === undefined);

    expect(Object.keys(alone.Resources).filter((id) => reporting.Resources[id] === undefined)).toEqual([]);
    expect(added.map((id) => id.replace(/^(ListTargets|JudgeAccount|ActAccount|CloseRun)/, 'Function')).sort()).toEqual(
      [
        ...Array(4).fill(['FunctionLambdaFunction', 'FunctionLogGroup', 'FunctionRole']).flat(),
        ...['FunctionEventBridgeLambdaPermission1', 'FunctionLambdaEvConf'],
        ...['AuditNotStartedAlarm', 'AuditRunFailedAlarm', 'TargetsNotWatchedAlarm'],
        ...['AuditSchedule', 'AuditScheduleRole', 'AuditStarter', 'AuditStarterRole'],
        ...['AuditStateMachine', 'AuditStateMachineRole', 'RunsBucket', 'RunsBucketPolicy'],
        'ElasticacheingressguardprodcloseRunrule1EventBridgeRule',
        ...['MemberBus', 'MemberBusPolicy', 'SpokeQueue', 'SpokeQueuePolicy', 'SpokeRole', 'SpokeRule', 'Spokes'],
      ].sort(),
    );
    expect(JSON.stringify(alone)).not.toMatch(/organization|sts:AssumeRole"\]|MemberBus|Spoke/i);
  });

  test('is not given: the template is byte for byte that of a checkout that knows no organization', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-no-organization-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const checkout = join(folder, 'checkout');
    await makeSecondCheckout(checkout);
    await forgetOrganizations(checkout);

    const { exitCode, output } = await runServerlessPackage(join(folder, 'package'), {}, [], checkout);
    const [with_, without] = await Promise.all(
      [inject('packageFolder'), join(folder, 'package')].map(async (packaged) => {
        const text = await readFile(join(packaged, 'cloudformation-template-update-stack.json'), 'utf8');
        // The folder in the bucket is named after the time.
        return text.replaceAll(/prod\/\d+-[^/]+/g, 'prod/TIME');
      }),
    );

    expect(exitCode, output).toBe(0);
    expect(without).toBe(with_);
  });

  test('changes of the stack of one account what is here, and nothing else', () => {
    const code = (template: Template) =>
      JSON.parse(JSON.stringify(template).replaceAll(/"serverless\/[^"]*"/g, '"the package"')) as Template;
    const [before, after] = [code(alone).Resources, code(reporting).Resources];

    const changed = Object.keys(before).flatMap((id) => {
      const [was, is] = [before[id]?.Properties ?? {}, after[id]?.Properties ?? {}];
      return [...new Set([...Object.keys(was), ...Object.keys(is)])]
        .filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]))
        .map((name) => `${id}.${name}`);
    });

    expect(changed.sort()).toEqual(
      [
        // Told of the organization.
        ...['EnforceIngressLambdaFunction.Environment', 'EnforceSecurityGroupLambdaFunction.Environment'],
        // Allowed to take the roles of members.
        ...['EnforceIngressRole.Path', 'EnforceIngressRole.Policies'],
        ...['EnforceSecurityGroupRole.Path', 'EnforceSecurityGroupRole.Policies'],
        // By the bus of the members.
        'ElasticacheingressguardprodenforceIngressrule1EventBridgeRule.EventBusName',
        'ElasticacheingressguardprodenforceSecurityGrouprule1EventBridgeRule.EventBusName',
        'EnforceIngressEventBridgeLambdaPermission1.SourceArn',
        'EnforceSecurityGroupEventBridgeLambdaPermission1.SourceArn',
        'WatchedEventsArchive.SourceArn',
        // One kind of audit instead of another.
        'AuditGrantsEventsRuleSchedule1.State',
        ...['AuditOutcomeRule.EventPattern', 'Dashboard.DashboardBody'],
        ...['EventsLostAlarm.Metrics', 'OutcomesLostAlarm.Metrics', 'UndeliveredEventsLostAlarm.Metrics'],
      ].sort(),
    );
  });
});

describe('the way of a member’s event', () => {
  test.each(['EnforceIngressLambdaFunction', 'EnforceSecurityGroupLambdaFunction'])(
    'is the bus of the members, and no other leads to %s: nothing comes twice',
    (id) => {
      const leading = ofType(reporting, 'AWS::Events::Rule').filter(([, { Properties }]) =>
        Properties.Targets.some(({ Arn }: { Arn: unknown }) => refersTo(Arn) === id),
      );

      expect(leading.map(([, { Properties }]) => refersTo(Properties.EventBusName))).toEqual(['MemberBus']);
    },
  );

  test.each(['Heartbeat', 'SecurityGroupHeartbeat'])('is that of the hub’s own %s, too', (id) => {
    const { EventBridgeParameters, Arn } = resource(reporting, id).Properties.Target;
    const event = { ...sampleEvent('authorize-security-group-ingress'), source: EventBridgeParameters.Source };
    const spoke = resource(reporting, 'SpokeRule').Properties;
    const atTheHub = watchingRule(reporting, 'EnforceSecurityGroupLambdaFunction')[1].Properties;

    expect(JSON.stringify(Arn)).toContain(':event-bus/default');
    expect(spoke.EventBusName).toBeUndefined();
    expect(compileEventPattern(spoke.EventPattern)(event)).toBe(true);
    expect(spoke.Targets.map((target: { Arn: unknown }) => target.Arn)).toEqual([
      { 'Fn::GetAtt': ['MemberBus', 'Arn'] },
    ]);
    expect(compileEventPattern(atTheHub.EventPattern)(event)).toBe(true);
  });

  test('is archived where it comes together', () => {
    expect(resource(reporting, 'WatchedEventsArchive').Properties.SourceArn).toEqual({
      'Fn::GetAtt': ['MemberBus', 'Arn'],
    });
  });
});

describe('what members get', () => {
  test('is their template, with the pattern of the hub’s own rules and just the mode of the stack', () => {
    expect(given(reporting)).toEqual(memberTemplate({ organization: ID, regions: [], enforces: false }));
    expect(given(enforcing)).toEqual(
      memberTemplate({ organization: ID, regions: REGIONS, enforces: true, imports: true }),
    );
    expect(resource(given(enforcing), 'SpokeRule').Properties.EventPattern).toEqual(PATTERN);
  });

  test('goes to every guarded region and the home region, to all units but the excluded accounts', () => {
    const [simple] = resource(reporting, 'Spokes').Properties.StackInstancesGroup;
    const [widest] = resource(enforcing, 'Spokes').Properties.StackInstancesGroup;

    expect(simple).toEqual({
      DeploymentTargets: { OrganizationalUnitIds: ['r-abcd'] },
      Regions: [{ Ref: 'AWS::Region' }],
    });
    expect(widest).toEqual({
      DeploymentTargets: { OrganizationalUnitIds: UNITS, AccountFilterType: 'DIFFERENCE', Accounts: EXCLUDED },
      Regions: [{ Ref: 'AWS::Region' }, ...REGIONS],
    });
  });

  test('names this hub, its region and its bus', () => {
    expect(resource(reporting, 'Spokes').Properties.Parameters).toEqual([
      { ParameterKey: 'HubAccount', ParameterValue: { Ref: 'AWS::AccountId' } },
      { ParameterKey: 'HomeRegion', ParameterValue: { Ref: 'AWS::Region' } },
      { ParameterKey: 'HubBus', ParameterValue: { 'Fn::GetAtt': ['MemberBus', 'Arn'] } },
    ]);
  });
});

describe('report-only mode', () => {
  test('leaves no role that can revoke, in the hub or in a member, and none that could take one', () => {
    const text = withoutFailingCall(reporting) + JSON.stringify(given(reporting));

    expect(text).not.toMatch(/"(ec2|elasticache):(?!Describe|Get)/);
    expect(text).not.toContain('ingress-guard-revoke');
  });
});

describe('the setting securityHub', () => {
  const takers = (template: Template) =>
    ofType(template, 'AWS::IAM::Role')
      .filter(([, role]) => statementsOf(role).some((one) => JSON.stringify(one).includes('ingress-guard-findings')))
      .map(([id]) => id);

  test('is off unless somebody says otherwise: no member has the role, and no function may take it', () => {
    expect(JSON.stringify(given(reporting))).not.toMatch(/securityhub|FindingsRole/);
    expect(takers(reporting)).toEqual([]);
  });

  test('lets just the function that closes runs take the role that imports, and gives it time', () => {
    expect(takers(enforcing)).toEqual(['CloseRunRole']);
    expect(actionsOf(resource(given(enforcing), 'FindingsRole'))).toEqual([
      'securityhub:BatchImportFindings',
      'securityhub:GetFindings',
    ]);
    expect(resource(enforcing, 'CloseRunLambdaFunction').Properties).toMatchObject({
      Timeout: 900,
      Environment: {
        Variables: {
          INGRESS_GUARD_SECURITY_HUB: 'elasticache-ingress-guard-longest-stage-yet',
          INGRESS_GUARD_FINDINGS_ROLE: 'ingress-guard-findings',
        },
      },
    });
    expect(resource(reporting, 'CloseRunLambdaFunction').Properties).toMatchObject({
      Timeout: 300,
      Environment: { Variables: { INGRESS_GUARD_SECURITY_HUB: '' } },
    });
  });
});

describe('enforce mode', () => {
  test('lets just three functions take the role that revokes: those of events, and that which acts', () => {
    const takers = ofType(enforcing, 'AWS::IAM::Role')
      .filter(([, role]) => statementsOf(role).some((one) => JSON.stringify(one).includes('ingress-guard-revoke')))
      .map(([id]) => id);

    expect(takers.sort()).toEqual(['ActAccountRole', 'EnforceIngressRole', 'EnforceSecurityGroupRole']);
  });

  test('lets the function that lists the stacks of members pass for a delegated administrator', () => {
    expect(actionsOf(resource(reporting, 'CloseRunRole'))).toEqual(
      expect.arrayContaining(['cloudformation:ListStackInstances', 'organizations:ListDelegatedAdministrators']),
    );
  });

  test('leaves the functions of audits without a right to revoke in the hub itself', () => {
    for (const id of ['ListTargetsRole', 'JudgeAccountRole', 'ActAccountRole', 'CloseRunRole']) {
      expect(
        actionsOf(resource(enforcing, id)).filter((action) => /^(ec2|elasticache):/.test(action)),
        id,
      ).toEqual([]);
    }
  });
});

describe('an audit', () => {
  test('is the definition that is tested, in the partition of the stack', async () => {
    const file = await readFile('stack/audit-organization.asl.json', 'utf8');
    const { Definition, DefinitionSubstitutions } = resource(reporting, 'AuditStateMachine').Properties;

    expect(Definition).toEqual(JSON.parse(file.replaceAll('arn:aws:', 'arn:${Partition}:')));
    expect(new Set([...JSON.stringify(Definition).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name))).toEqual(
      new Set(Object.keys(DefinitionSubstitutions)),
    );
  });

  test('is started once an hour, under the name of the hour, and not by the schedule of one account', async () => {
    const { ScheduleExpression, Target } = resource(reporting, 'AuditSchedule').Properties;
    const { Definition } = resource(reporting, 'AuditStarter').Properties;
    const input = JSON.parse(Target.Input.replace('<aws.scheduler.scheduled-time>', '2026-11-29T01:00:00Z'));

    const started = await startedBy(Definition, input, () => ({}));

    expect(ScheduleExpression).toBe('cron(0 * * * ? *)');
    expect(started).toMatchObject([{ StateMachineArn: '${AuditStateMachine}', Name: '2026-11-29T01' }]);
    expect(resource(reporting, 'AuditGrantsEventsRuleSchedule1').Properties.State).toBe('DISABLED');
    expect(resource(alone, 'AuditGrantsEventsRuleSchedule1').Properties.State).toBe('ENABLED');
  });

  test('that was started in that hour before is no failure', async () => {
    const { Definition } = resource(reporting, 'AuditStarter').Properties;

    const started = await startedBy(Definition, { scheduledTime: '2026-11-29T01:00:00Z' }, () => {
      throw Object.assign(new Error('exists'), { name: 'StepFunctions.ExecutionAlreadyExistsException' });
    });

    expect(started).toHaveLength(1);
  });

  test.each(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'])('is closed when it has ended: %s', (status) => {
    const rules = ofType(reporting, 'AWS::Events::Rule').filter(([, rule]) =>
      rule.Properties.Targets.some(({ Arn }: { Arn: unknown }) => refersTo(Arn) === 'CloseRunLambdaFunction'),
    );
    const { Properties } = (rules as [[string, Resource]])[0][1];
    const pattern = JSON.parse(JSON.stringify(Properties.EventPattern).replace('{"Ref":"AuditStateMachine"}', '"arn"'));
    const ended = (stateMachineArn: string, is: string) => ({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      detail: { stateMachineArn, name: '2026-11-29T01', status: is },
    });

    expect(rules).toHaveLength(1);
    expect(compileEventPattern(pattern)(ended('arn', status))).toBe(true);
    expect(compileEventPattern(pattern)(ended('arn', 'RUNNING'))).toBe(false);
    expect(compileEventPattern(pattern)(ended('another', status))).toBe(false);
    expect(Properties.Targets[0].InputTransformer).toEqual({
      InputPathsMap: { run: '$.detail.name', status: '$.detail.status' },
      InputTemplate: '{"run":"<run>","status":"<status>"}',
    });
  });

  test('is reported to people as that of one account is', () => {
    const { requestContext } = resource(reporting, 'AuditOutcomeRule').Properties.EventPattern.detail;

    expect(JSON.stringify(requestContext)).toContain('CloseRunLambdaFunction');
  });

  test('leaves what it stored for thirty days, where nobody else can read it', () => {
    const { LifecycleConfiguration, PublicAccessBlockConfiguration } = resource(reporting, 'RunsBucket').Properties;

    expect(LifecycleConfiguration.Rules).toMatchObject([{ Status: 'Enabled', ExpirationInDays: 30 }]);
    expect(Object.values(PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
  });
});

describe('the outputs', () => {
  test('name every function of the organization, its log, and what the runbook asks for', () => {
    const named = JSON.stringify(reporting.Outputs);

    for (const id of ['AuditStateMachine', 'AuditSchedule', 'RunsBucket', 'Spokes', 'MemberBus']) {
      expect(named).toContain(`"${id}"`);
    }
    for (const [id] of [...ofType(reporting, 'AWS::Lambda::Function'), ...ofType(reporting, 'AWS::Logs::LogGroup')]) {
      expect(named).toContain(`"${id}"`);
    }
  });
});

/**
 * Makes a checkout one that knows no organization: without the files of one, without a word about it in serverless.yml, and where one
 * template file asks for the setting, there is none.
 */
async function forgetOrganizations(checkout: string): Promise<void> {
  const files = [
    'organization.cjs',
    'organization-functions.cjs',
    'organization-functions.yml',
    'audit-organization.asl.json',
  ];
  await Promise.all(files.map((file) => rm(join(checkout, 'stack', file))));
  const edit = async (file: string, change: (text: string) => string): Promise<void> => {
    const text = await readFile(join(checkout, file), 'utf8');
    await writeFile(join(checkout, file), change(text));
  };
  const isOfAnOrganization = /organization|excludedAccounts|maxRevocationsPerRun/i;
  await edit('serverless.yml', (text) =>
    text
      .split('\n')
      .filter((line) => !isOfAnOrganization.test(line))
      .join('\n'),
  );
  for (const file of await readdir(join(checkout, 'stack'))) {
    if (!file.endsWith('.cjs')) continue;
    await edit(`stack/${file}`, (text) =>
      text.replaceAll("await resolveVariable('self:custom.organization')", 'undefined'),
    );
  }
  expect(await readFile(join(checkout, 'serverless.yml'), 'utf8')).not.toMatch(isOfAnOrganization);
}

/** What a state machine starts. */
async function startedBy(definition: object, input: object, start: () => unknown): Promise<unknown[]> {
  const started: unknown[] = [];
  const machine = new StateMachine(definition as StateMachineDefinition, { validationOptions: { checkArn: false } });
  const { result } = machine.run(input as never, {
    overrides: {
      taskResourceLocalHandlers: {
        Start: async (parameters: unknown) => {
          started.push(parameters);
          return start() as never;
        },
      },
      retryIntervalOverrides: { Start: 0 },
    },
  });
  await result;
  return started;
}
