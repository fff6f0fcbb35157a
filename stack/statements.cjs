// What a policy statement allows at the services that are watched, for roles.cjs and spoke.cjs.

/**
 * The account's resources of a kind, in any region: which regions, `inThese` says. An ARN for each kind and region would not do: all
 * inline policies of a role together may have 10,240 characters (IAM User Guide, quotas), and there are 34 regions.
 */
const everyOne = (service, kind) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${service}:*:\${AWS::AccountId}:${kind}` });

/** Only calls to endpoints of these regions. Every request has this key (IAM User Guide, global condition keys). */
const inThese = (regions) => ({
  StringEquals: { 'aws:RequestedRegion': regions.map((region) => ({ 'Fn::Sub': region })) },
});

const describe = (regions) => ({
  Sid: 'LookAtGrants',
  Effect: 'Allow',
  Action: ['elasticache:DescribeCacheSecurityGroups'],
  Resource: everyOne('elasticache', 'securitygroup:*'),
  Condition: inThese(regions),
});

const revoke = (regions) => ({
  Sid: 'RevokeGrants',
  Effect: 'Allow',
  Action: ['elasticache:RevokeCacheSecurityGroupIngress'],
  // AWS contradicts itself: "No Resource ARN: *" (ElastiCache guide, API permissions), securitygroup (Service Authorization
  // Reference). Only * is right by both.
  Resource: '*',
  Condition: inThese(regions),
});

/** Which security groups guard caches. */
const lookAtCaches = (regions) => ({
  Sid: 'LookAtCaches',
  Effect: 'Allow',
  Action: ['elasticache:DescribeCacheClusters', 'elasticache:DescribeServerlessCaches'],
  Resource: [everyOne('elasticache', 'cluster:*'), everyOne('elasticache', 'serverlesscache:*')],
  Condition: inThese(regions),
});

/** What their rules say, whose a group is of which a rule does not say it, what is behind a group (caches, and what else),
 * and what prefix lists hold. */
const lookAtRules = (regions) => ({
  Sid: 'LookAtRules',
  Effect: 'Allow',
  // EC2's Describe calls know no resources (Service Authorization Reference). Prefix lists can be AWS's or another account's.
  Action: [
    'ec2:DescribeSecurityGroupRules',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeVpcEndpoints',
    'ec2:DescribeManagedPrefixLists',
    'ec2:GetManagedPrefixListEntries',
  ],
  Resource: '*',
  Condition: inThese(regions),
});

const revokeRules = (regions) => ({
  Sid: 'RevokeRules',
  Effect: 'Allow',
  Action: ['ec2:RevokeSecurityGroupIngress'],
  Resource: everyOne('ec2', 'security-group/*'),
  Condition: inThese(regions),
});

/** Findings of the account's own product, and of no other, into Security Hub. */
const importFindings = (regions) => [
  {
    Sid: 'ImportFindings',
    Effect: 'Allow',
    Action: ['securityhub:BatchImportFindings'],
    Resource: everyOne('securityhub', 'product/${AWS::AccountId}/default'),
    Condition: inThese(regions),
  },
  {
    Sid: 'LookAtFindings',
    Effect: 'Allow',
    Action: ['securityhub:GetFindings'],
    // Older editions of the Service Authorization Reference know no resource of it, newer ones the hub. Only * is right by both.
    Resource: '*',
    Condition: inThese(regions),
  },
];

module.exports = { describe, everyOne, importFindings, inThese, lookAtCaches, lookAtRules, revoke, revokeRules };
