// What is called of EC2: loaded as one, for the first call.
export { ec2Client } from './client.ts';
export { readGroupNames } from './group-names.ts';
export { guardsCache } from './guards-cache.ts';
export { guardsSomethingElse } from './guards-something-else.ts';
export { listSecurityGroupRules } from './list-rules.ts';
export { readNodeGroups } from './read-node-groups.ts';
export { readPrefixList } from './read-prefix-list.ts';
export { readRuleStatus } from './read-rule-status.ts';
export { revokeSecurityGroupRule } from './revoke-rule.ts';
