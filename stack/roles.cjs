// The role of each function: what it does, on the narrowest resource AWS supports, and nothing else. JavaScript, because
// what a function may do depends on the parameters: in report-only mode no role can revoke.

const { describe, lookAtCaches, lookAtRules, revoke, revokeRules } = require('./statements.cjs');

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

function role(statements) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
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
  const traces = String(await resolveVariable('self:custom.tracing')) === 'true' ? [tracing] : [];
  const common = (logGroup) => [logs(logGroup), deadLetters, destinations, ...readAllowlist(location), ...traces];
  return {
    Resources: {
      EnforceIngressRole: role([
        ...common('EnforceIngressLogGroup'),
        // EventBridge brings the events of the stack's region only.
        ...(enforces ? [describe([OWN_REGION]), revoke([OWN_REGION])] : []),
      ]),
      EnforceSecurityGroupRole: role([
        ...common('EnforceSecurityGroupLogGroup'),
        lookAtCaches([OWN_REGION]),
        lookAtRules([OWN_REGION]),
        ...(enforces ? [revokeRules([OWN_REGION])] : []),
      ]),
      AuditGrantsRole: role([
        ...common('AuditGrantsLogGroup'),
        describe(auditedRegions),
        lookAtCaches(auditedRegions),
        lookAtRules(auditedRegions),
        ...(enforces ? [revoke(auditedRegions), revokeRules(auditedRegions)] : []),
        ...(bucket ? [storeReports(bucket)] : []),
      ]),
    },
  };
};
