import { type Ec2Operation, withDryRun } from '../ec2-operation.ts';
import { authorizeSecurityGroupEgress } from './authorize-security-group-egress.ts';
import { authorizeSecurityGroupIngress } from './authorize-security-group-ingress.ts';
import { createManagedPrefixList } from './create-managed-prefix-list.ts';
import { createNetworkInterface } from './create-network-interface.ts';
import { createSecurityGroup } from './create-security-group.ts';
import { createTags } from './create-tags.ts';
import { deleteManagedPrefixList } from './delete-managed-prefix-list.ts';
import { deleteNetworkInterface } from './delete-network-interface.ts';
import { deleteSecurityGroup } from './delete-security-group.ts';
import { deleteTags } from './delete-tags.ts';
import { describeAccountAttributes } from './describe-account-attributes.ts';
import { describeManagedPrefixLists } from './describe-managed-prefix-lists.ts';
import { describeNetworkInterfaces } from './describe-network-interfaces.ts';
import { describeRegions } from './describe-regions.ts';
import { describeSecurityGroupRules } from './describe-security-group-rules.ts';
import { describeSecurityGroups } from './describe-security-groups.ts';
import { describeTags } from './describe-tags.ts';
import { describeVpcEndpoints } from './describe-vpc-endpoints.ts';
import { describeVpcs } from './describe-vpcs.ts';
import { getManagedPrefixListEntries } from './get-managed-prefix-list-entries.ts';
import { getManagedResourceVisibility } from './get-managed-resource-visibility.ts';
import { modifyManagedPrefixList } from './modify-managed-prefix-list.ts';
import { modifyManagedResourceVisibility } from './modify-managed-resource-visibility.ts';
import { modifyNetworkInterfaceAttribute } from './modify-network-interface-attribute.ts';
import { modifySecurityGroupRules } from './modify-security-group-rules.ts';
import { restoreManagedPrefixListVersion } from './restore-managed-prefix-list-version.ts';
import { revokeSecurityGroupEgress } from './revoke-security-group-egress.ts';
import { revokeSecurityGroupIngress } from './revoke-security-group-ingress.ts';

/** The operations by the value of `Action`. */
export const operations: ReadonlyMap<string, Ec2Operation> = new Map(
  Object.entries({
    AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress,
    AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
    CreateManagedPrefixList: createManagedPrefixList,
    CreateNetworkInterface: createNetworkInterface,
    CreateSecurityGroup: createSecurityGroup,
    CreateTags: createTags,
    DeleteManagedPrefixList: deleteManagedPrefixList,
    DeleteNetworkInterface: deleteNetworkInterface,
    DeleteSecurityGroup: deleteSecurityGroup,
    DeleteTags: deleteTags,
    DescribeAccountAttributes: describeAccountAttributes,
    DescribeManagedPrefixLists: describeManagedPrefixLists,
    DescribeNetworkInterfaces: describeNetworkInterfaces,
    DescribeRegions: describeRegions,
    DescribeSecurityGroupRules: describeSecurityGroupRules,
    DescribeSecurityGroups: describeSecurityGroups,
    DescribeTags: describeTags,
    DescribeVpcEndpoints: describeVpcEndpoints,
    DescribeVpcs: describeVpcs,
    GetManagedPrefixListEntries: getManagedPrefixListEntries,
    GetManagedResourceVisibility: getManagedResourceVisibility,
    ModifyManagedPrefixList: modifyManagedPrefixList,
    ModifyManagedResourceVisibility: modifyManagedResourceVisibility,
    ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
    ModifySecurityGroupRules: modifySecurityGroupRules,
    RestoreManagedPrefixListVersion: restoreManagedPrefixListVersion,
    RevokeSecurityGroupEgress: revokeSecurityGroupEgress,
    RevokeSecurityGroupIngress: revokeSecurityGroupIngress,
  }).map(([action, operation]) => [action, withDryRun(operation)]),
);
