// The hub of an organization: the bus that members' events come by, the StackSet that gives each member its part, and the audits.
// Nothing without the setting `organization`. docs/explanation/organization.md, docs/decisions/0034-organization-stack.md

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { forwarding, memberTemplate, NAMES, PATTERN } = require('./spoke.cjs');

const GUARDED_BY_EVENTS = ['enforceIngress', 'enforceSecurityGroup'];
const FUNCTIONS = ['ListTargets', 'JudgeAccount', 'ActAccount', 'CloseRun'];

/** The definition that is tested, in whatever partition it is deployed to. */
const DEFINITION = JSON.parse(
  readFileSync(join(__dirname, 'audit-organization.asl.json'), 'utf8').replaceAll('arn:aws:', 'arn:${Partition}:'),
);

const listOf = (written) => (written ? written.split(',').map((one) => one.trim()) : []);

const trust = (service) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: service },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    },
  ],
});
const roleOf = (service, PolicyName, Statement) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: trust(service),
    Policies: [{ PolicyName, PolicyDocument: { Version: '2012-10-17', Statement } }],
  },
});

/** The bus of the members' events. Who made an event, EventBridge writes into it: a member cannot pass for another account. */
const bus = (organization, stage) => ({
  MemberBus: {
    Type: 'AWS::Events::EventBus',
    Properties: {
      Name: `ingress-guard-${stage}`,
      Description: 'Calls in the accounts of the organization, for Ingress Guard',
    },
  },
  MemberBusPolicy: {
    Type: 'AWS::Events::EventBusPolicy',
    Properties: {
      EventBusName: { Ref: 'MemberBus' },
      StatementId: 'MembersOfTheOrganization',
      Statement: {
        Effect: 'Allow',
        Principal: '*',
        Action: 'events:PutEvents',
        Resource: { 'Fn::GetAtt': ['MemberBus', 'Arn'] },
        Condition: {
          StringEquals: { 'aws:PrincipalOrgID': organization },
          // A call can put several events (EventBridge User Guide, "Example policy: Send events to a custom bus in a different account").
          'ForAllValues:StringEquals': { 'events:source': PATTERN.source },
        },
      },
    },
  },
});

/** A stack in each guarded region of each account: a service-managed StackSet, of a delegated administrator. */
const spokes = ({ organization, stage, regions, units, excluded, enforces, imports }) => ({
  Spokes: {
    Type: 'AWS::CloudFormation::StackSet',
    // A member's events would be refused before.
    DependsOn: ['MemberBusPolicy'],
    Properties: {
      StackSetName: `ingress-guard-${stage}`,
      Description: 'Ingress Guard in the accounts of the organization',
      PermissionModel: 'SERVICE_MANAGED',
      CallAs: 'DELEGATED_ADMIN',
      AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
      // Accounts come while an update runs. Without it, the second of the two operations fails.
      ManagedExecution: { Active: true },
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      // One account that fails must not keep the others from their part. Which have none, audits say.
      OperationPreferences: {
        FailureTolerancePercentage: 100,
        MaxConcurrentPercentage: 100,
        ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE',
        RegionConcurrencyType: 'PARALLEL',
      },
      StackInstancesGroup: [
        {
          DeploymentTargets: {
            OrganizationalUnitIds: units,
            ...(excluded.length > 0 && { AccountFilterType: 'DIFFERENCE', Accounts: excluded }),
          },
          // The hub's own too, for the roles.
          Regions: [{ Ref: 'AWS::Region' }, ...regions],
        },
      ],
      Parameters: [
        { ParameterKey: 'HubAccount', ParameterValue: { Ref: 'AWS::AccountId' } },
        { ParameterKey: 'HomeRegion', ParameterValue: { Ref: 'AWS::Region' } },
        { ParameterKey: 'HubBus', ParameterValue: { 'Fn::GetAtt': ['MemberBus', 'Arn'] } },
      ],
      TemplateBody: JSON.stringify(memberTemplate({ organization, regions, enforces, imports })),
    },
  },
});

/** What audits store: the manifest of each, what each account came to, the report. */
const RUNS = {
  RunsBucket: {
    Type: 'AWS::S3::Bucket',
    // CloudFormation deletes no bucket that holds something.
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: [
          {
            Id: 'thirty-days',
            Status: 'Enabled',
            ExpirationInDays: 30,
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
        ],
      },
    },
  },
  RunsBucketPolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Properties: {
      Bucket: { Ref: 'RunsBucket' },
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'OnlyOverTls',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: [{ 'Fn::GetAtt': ['RunsBucket', 'Arn'] }, { 'Fn::Sub': '${RunsBucket.Arn}/*' }],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    },
  },
};

const AUDITS = {
  AuditStateMachine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      RoleArn: { 'Fn::GetAtt': ['AuditStateMachineRole', 'Arn'] },
      Definition: DEFINITION,
      DefinitionSubstitutions: {
        Partition: { Ref: 'AWS::Partition' },
        ...Object.fromEntries(
          FUNCTIONS.map((name) => [`${name}Function`, { 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] }]),
        ),
      },
    },
  },
  AuditStateMachineRole: roleOf('states.amazonaws.com', 'invoke-its-functions', [
    {
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: FUNCTIONS.map((name) => ({ 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] })),
    },
  ]),
  // Starts the audit of an hour under the name of the hour, 2026-11-29T01: Step Functions refuses a second one. Scheduler starts at
  // least once, and cannot give that name itself: its time has colons, and a name has none (Step Functions API, StartExecution).
  AuditStarter: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      RoleArn: { 'Fn::GetAtt': ['AuditStarterRole', 'Arn'] },
      Definition: {
        Comment: 'Starts the audit of an hour, once',
        StartAt: 'Start',
        States: {
          Start: {
            Type: 'Task',
            Resource: 'arn:${Partition}:states:::states:startExecution',
            Parameters: {
              StateMachineArn: '${AuditStateMachine}',
              'Name.$': "States.ArrayGetItem(States.StringSplit($.scheduledTime, ':'), 0)",
            },
            Retry: [
              {
                ErrorEquals: ['StepFunctions.SdkClientException', 'StepFunctions.ThrottlingException'],
                IntervalSeconds: 5,
                MaxAttempts: 5,
                BackoffRate: 2,
              },
            ],
            Catch: [{ ErrorEquals: ['StepFunctions.ExecutionAlreadyExistsException'], Next: 'StartedBefore' }],
            End: true,
          },
          StartedBefore: { Type: 'Succeed' },
        },
      },
      DefinitionSubstitutions: {
        Partition: { Ref: 'AWS::Partition' },
        AuditStateMachine: { Ref: 'AuditStateMachine' },
      },
    },
  },
  AuditStarterRole: roleOf('states.amazonaws.com', 'start-the-audit', [
    { Effect: 'Allow', Action: 'states:StartExecution', Resource: { Ref: 'AuditStateMachine' } },
  ]),
  AuditSchedule: {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Description: 'Starts an audit of the organization every hour',
      ScheduleExpression: 'cron(0 * * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { Ref: 'AuditStarter' },
        RoleArn: { 'Fn::GetAtt': ['AuditScheduleRole', 'Arn'] },
        Input: '{"scheduledTime": "<aws.scheduler.scheduled-time>"}',
        RetryPolicy: { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 1800 },
      },
    },
  },
  AuditScheduleRole: roleOf('scheduler.amazonaws.com', 'start-the-starter', [
    { Effect: 'Allow', Action: 'states:StartExecution', Resource: { Ref: 'AuditStarter' } },
  ]),
};

/** Decision logs outlive the stack: stack/logs.yml. */
const logsOf = (name) => ({
  [`${name}LogGroup`]: {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: { LogGroupName: { Ref: 'AWS::NoValue' } },
  },
  [`${name}LambdaFunction`]: { Properties: { LoggingConfig: { LogGroup: { Ref: `${name}LogGroup` } } } },
});

/** The functions that events invoke: what they are given in addition, about the organization. */
async function environmentsOf(resolveConfigurationProperty, ofAll) {
  const provided = await resolveConfigurationProperty(['provider', 'environment']);
  return Object.fromEntries(
    await Promise.all(
      GUARDED_BY_EVENTS.map(async (name) => {
        const own = (await resolveConfigurationProperty(['functions', name, 'environment'])) ?? {};
        const id = `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`;
        return [id, { Properties: { Environment: { Variables: { ...provided, ...own, ...ofAll } } } }];
      }),
    ),
  );
}

module.exports = async ({ resolveVariable, resolveConfigurationProperty }) => {
  const organization = await resolveVariable('self:custom.organization');
  if (!organization) return {};
  const enforces = (await resolveVariable('self:custom.mode')) === 'enforce';
  const imports = String(await resolveVariable('self:custom.securityHub')) === 'true';
  const stage = await resolveVariable('self:provider.stage');
  const own = await resolveVariable('self:provider.region');
  const guarded = await resolveVariable('self:custom.regions');
  const excluded = await resolveVariable('self:custom.excludedAccounts');
  const units = listOf(await resolveVariable('self:custom.organizationalUnits'));
  // The stack's own is the home region, and is known to CloudFormation alone by that name.
  const regions = listOf(guarded).filter((region) => region !== own);
  const environments = await environmentsOf(resolveConfigurationProperty, {
    INGRESS_GUARD_ORGANIZATION: organization,
    INGRESS_GUARD_EXCLUDED_ACCOUNTS: excluded,
    INGRESS_GUARD_REGIONS: guarded,
    INGRESS_GUARD_READ_ROLE: NAMES.readRole,
    INGRESS_GUARD_REVOKE_ROLE: enforces ? NAMES.revokeRole : '',
  });
  return {
    Resources: {
      ...bus(organization, stage),
      // The hub's own part, whether or not the StackSet reaches the hub: the heartbeats go the way of every member's events.
      ...forwarding({ 'Fn::GetAtt': ['MemberBus', 'Arn'] }),
      ...spokes({ organization, stage, regions, units, excluded: listOf(excluded), enforces, imports }),
      ...RUNS,
      ...AUDITS,
    },
    extensions: {
      ...Object.assign({}, ...FUNCTIONS.map(logsOf)),
      ...environments,
      // The audit of the one account: that of the organization judges it too, and one of the two would hide that the other is missing.
      AuditGrantsEventsRuleSchedule1: { Properties: { State: 'DISABLED' } },
    },
    Outputs: {
      MemberBusArn: {
        Description: 'The event bus that receives the events of the members',
        Value: { 'Fn::GetAtt': ['MemberBus', 'Arn'] },
      },
      SpokesStackSetName: {
        Description: 'The StackSet that deploys the roles and rules of each member: its name and its id',
        Value: { Ref: 'Spokes' },
      },
      AuditStateMachineArn: {
        Description: 'The state machine that audits the organization',
        Value: { Ref: 'AuditStateMachine' },
      },
      AuditScheduleName: {
        Description: 'The schedule that starts audits of the organization',
        Value: { Ref: 'AuditSchedule' },
      },
      RunsBucketName: {
        Description: 'The bucket with the results of each audit of the organization, kept for 30 days',
        Value: { Ref: 'RunsBucket' },
      },
      ...Object.assign(
        {},
        ...FUNCTIONS.map((name) => ({
          [`${name}FunctionName`]: { Description: `The function ${name}`, Value: { Ref: `${name}LambdaFunction` } },
          [`${name}LogGroupName`]: { Description: `The log of ${name}`, Value: { Ref: `${name}LogGroup` } },
        })),
      ),
    },
  };
};
