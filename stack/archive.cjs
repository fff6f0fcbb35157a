// The watched events, kept so that those of an outage can be replayed through their rules: docs/how-to/replay.md. JavaScript, because
// not every region has archives.

/**
 * Where no archive is made. CloudFormation refuses a whole template for one type that the region does not have, so where it is in
 * doubt the archive is left out: what would be replayed, the next audit finds.
 */
const WITHOUT_ARCHIVES = [
  // EventBridge User Guide, "feature availability by AWS Region": no archive and replay.
  ...['ap-east-2', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-7', 'ca-west-1'],
  // No such type in CloudFormation's resource schemas of 2026 (cfn-lint 1.51), nor in ca-west-1.
  'mx-central-1',
  // As new as those, and without EventBridge Pipes as they are. No source that was seen says that archives are there.
  ...['ap-southeast-6', 'il-central-1'],
];

module.exports = async ({ resolveVariable }) => {
  if (WITHOUT_ARCHIVES.includes(await resolveVariable('self:provider.region'))) return {};
  // That of the members, if there are any.
  const organization = await resolveVariable('self:custom.organization');
  const bus = organization
    ? { 'Fn::GetAtt': ['MemberBus', 'Arn'] }
    : { 'Fn::Sub': 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default' };
  return {
    Resources: {
      WatchedEventsArchive: {
        Type: 'AWS::Events::Archive',
        // A first deployment that failed leaves none behind: an archive goes on filling, and what it kept by then CloudTrail has too.
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          Description:
            'Calls that may allow access to a cache, so that Ingress Guard can evaluate them again after an outage',
          SourceArn: bus,
          RetentionDays: 30,
          EventPattern: {
            source: ['aws.elasticache', 'aws.ec2'],
            'detail-type': ['AWS API Call via CloudTrail'],
            detail: {
              eventSource: ['elasticache.amazonaws.com', 'ec2.amazonaws.com'],
              // Of both rules: no two services have a call of the same name.
              eventName: [
                'AuthorizeCacheSecurityGroupIngress',
                'AuthorizeSecurityGroupIngress',
                'ModifySecurityGroupRules',
                'ModifyManagedPrefixList',
                'RestoreManagedPrefixListVersion',
                'CreateCacheCluster',
                'ModifyCacheCluster',
                'CreateReplicationGroup',
                'ModifyReplicationGroup',
                'CreateServerlessCache',
                'ModifyServerlessCache',
              ],
              errorCode: [{ exists: false }, null],
            },
          },
        },
      },
    },
    Outputs: {
      WatchedEventsArchiveArn: {
        Description: 'The archive to replay events from',
        Value: { 'Fn::GetAtt': ['WatchedEventsArchive', 'Arn'] },
      },
    },
  };
};

module.exports.WITHOUT_ARCHIVES = WITHOUT_ARCHIVES;
