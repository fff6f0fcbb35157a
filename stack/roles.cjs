// The role of each function: what it does, on the narrowest resource AWS supports, and nothing else. JavaScript, because
// what a function may do depends on the parameters: in report-only mode no role can revoke.

const { HUB_PATH, NAMES } = require('./spoke.cjs');
const { describe, importFindings, lookAtCaches, lookAtRules, revoke, revokeRules } = require('./statements.cjs');

/** To the streams of one log group: its ARN, as CloudFormation returns it, ends in `:*`. */
const logs = (logicalId) => ({
  Sid: 'WriteLogs',
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: { 'Fn::GetAtt': [logicalId, 'Arn'] },
});

const deadLetters = {
  Sid: 'KeepWhatFailed',
  Effect: 'Allow',
  Action: ['sqs:SendMessage'],
  Resource: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] },
};

const destinations = {
  Sid: 'TellWhatBecameOfIt',
  Effect: 'Allow',
  Action: ['events:PutEvents'],
  Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default' },
};

/** The region of the stack, as `Fn::Sub` writes it. */
const OWN_REGION = '${AWS::Region}';

const tracing = {
  Sid: 'Trace',
  Effect: 'Allow',
  // X-Ray has no resources to name either.
  Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  Resource: '*',
};

const storeReports = (bucket) => ({
  Sid: 'StoreReports',
  Effect: 'Allow',
  Action: ['s3:PutObject'],
  Resource: { 'Fn::Sub': `arn:\${AWS::Partition}:s3:::${bucket}/audits/*` },
});

/** What it takes to read the allowlist where it is. */
function readAllowlist(location) {
  const [, parameter] = /^ssm:\/?(.+)$/.exec(location) ?? [];
  if (parameter !== undefined) {
    return [
      {
        Sid: 'ReadAllowlist',
        Effect: 'Allow',
        Action: ['ssm:GetParameter'],
        Resource: { 'Fn::Sub': `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/${parameter}` },
      },
    ];
  }
  if (!location.startsWith('appconfig:')) return [];
  return [
    {
      Sid: 'ReadAllowlist',
      Effect: 'Allow',
      Action: ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration'],
      // The names in INGRESS_GUARD_ALLOWLIST are not the ids that AppConfig's ARNs are made of.
      Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:appconfig:${AWS::Region}:${AWS::AccountId}:application/*' },
    },
  ];
}

/** The member roles of any account. Which accounts' roles let themselves be taken is theirs to say: they name this hub. */
const takeMemberRoles = (...names) => ({
  Sid: 'TakeMemberRoles',
  Effect: 'Allow',
  Action: ['sts:AssumeRole'],
  Resource: names.map((name) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:iam::*:role/${name}` })),
});

/** Which organizational unit an account is in, for an allowlist that names units. */
const lookAtAccounts = (organization) => ({
  Sid: 'LookAtAccounts',
  Effect: 'Allow',
  Action: ['organizations:DescribeAccount'],
  // The account in the ARN is the management account, which is not known here (Service Authorization Reference, Organizations).
  Resource: { 'Fn::Sub': `arn:\${AWS::Partition}:organizations::*:account/${organization}/*` },
});

/** `organizations:ListAccounts` knows no resources (Service Authorization Reference). */
const listAccounts = { Sid: 'ListAccounts', Effect: 'Allow', Action: ['organizations:ListAccounts'], Resource: '*' };

/**
 * Which members have their part of the stack. A StackSet of a delegated administrator is in the management account. Without the second
 * permission, CloudFormation answers that the account is no delegated administrator (CloudFormation User Guide, "Register a delegated
 * administrator"; seen in terraform-provider-aws#37069). It knows no resources (Service Authorization Reference).
 */
const lookAtSpokes = (stackSet) => [
  {
    Sid: 'LookAtSpokes',
    Effect: 'Allow',
    Action: ['cloudformation:ListStackInstances'],
    Resource: { 'Fn::Sub': `arn:\${AWS::Partition}:cloudformation:\${AWS::Region}:*:stackset/${stackSet}:*` },
  },
  {
    Sid: 'PassForDelegatedAdministrator',
    Effect: 'Allow',
    Action: ['organizations:ListDelegatedAdministrators'],
    Resource: '*',
  },
];

const keepRuns = {
  Sid: 'KeepRuns',
  Effect: 'Allow',
  Action: ['s3:GetObject', 's3:PutObject'],
  Resource: { 'Fn::Sub': '${RunsBucket.Arn}/runs/*' },
};

/** Without it S3 answers that access is denied where it should say that an object is not there. */
const lookForRuns = {
  Sid: 'LookForRuns',
  Effect: 'Allow',
  Action: ['s3:ListBucket'],
  Resource: { 'Fn::GetAtt': ['RunsBucket', 'Arn'] },
};

/** The roles of the functions that audit an organization. Of these, the one that acts alone may take a role that revokes. */
function organizationRoles({ enforces, bucket, imports, stackSet, rest }) {
  const ofEach = (logGroup) => [logs(logGroup), ...rest];
  return {
    ListTargetsRole: role([...ofEach('ListTargetsLogGroup'), listAccounts], HUB_PATH),
    JudgeAccountRole: role([...ofEach('JudgeAccountLogGroup'), takeMemberRoles(NAMES.readRole)], HUB_PATH),
    ActAccountRole: role(
      [...ofEach('ActAccountLogGroup'), takeMemberRoles(NAMES.readRole, ...(enforces ? [NAMES.revokeRole] : []))],
      HUB_PATH,
    ),
    CloseRunRole: role(
      [
        ...ofEach('CloseRunLogGroup'),
        deadLetters,
        destinations,
        ...lookAtSpokes(stackSet),
        ...(bucket ? [storeReports(bucket)] : []),
        ...(imports ? [takeMemberRoles(NAMES.findingsRole)] : []),
      ],
      HUB_PATH,
    ),
  };
}

function role(statements, path) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      ...(path && { Path: path }),
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{ PolicyName: 'what-it-does', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  };
}

module.exports = async ({ resolveVariable }) => {
  const enforces = (await resolveVariable('self:custom.mode')) === 'enforce';
  const location = await resolveVariable('self:custom.allowlist');
  const regions = await resolveVariable('self:custom.regions');
  const auditedRegions = regions ? regions.split(',').map((region) => region.trim()) : [OWN_REGION];
  const bucket = await resolveVariable('self:custom.reportBucket');
  const organization = await resolveVariable('self:custom.organization');
  const imports = String(await resolveVariable('self:custom.securityHub')) === 'true';
  const stage = await resolveVariable('self:provider.stage');
  const traces = String(await resolveVariable('self:custom.tracing')) === 'true' ? [tracing] : [];
  const common = (logGroup) => [logs(logGroup), deadLetters, destinations, ...readAllowlist(location), ...traces];
  // EventBridge brings the events of the stack's region only; in an organization those of every region.
  const watchedRegions = organization ? [...new Set([OWN_REGION, ...auditedRegions])] : [OWN_REGION];
  const inMembers = (...names) => (organization ? [takeMemberRoles(...names), lookAtAccounts(organization)] : []);
  const path = organization ? HUB_PATH : undefined;
  return {
    Resources: {
      EnforceIngressRole: role(
        [
          ...common('EnforceIngressLogGroup'),
          ...(enforces ? [describe(watchedRegions), revoke(watchedRegions)] : []),
          ...inMembers(NAMES.readRole, ...(enforces ? [NAMES.revokeRole] : [])),
        ],
        path,
      ),
      EnforceSecurityGroupRole: role(
        [
          ...common('EnforceSecurityGroupLogGroup'),
          lookAtCaches(watchedRegions),
          lookAtRules(watchedRegions),
          ...(enforces ? [revokeRules(watchedRegions)] : []),
          ...inMembers(NAMES.readRole, ...(enforces ? [NAMES.revokeRole] : [])),
        ],
        path,
      ),
      AuditGrantsRole: role([
        ...common('AuditGrantsLogGroup'),
        describe(auditedRegions),
        lookAtCaches(auditedRegions),
        lookAtRules(auditedRegions),
        ...(enforces ? [revoke(auditedRegions), revokeRules(auditedRegions)] : []),
        ...(bucket ? [storeReports(bucket)] : []),
        ...(imports ? importFindings(auditedRegions) : []),
      ]),
      ...(organization &&
        organizationRoles({
          enforces,
          bucket,
          imports,
          stackSet: `ingress-guard-${stage}`,
          rest: [...readAllowlist(location), ...traces, keepRuns, lookForRuns],
        })),
    },
  };
};
