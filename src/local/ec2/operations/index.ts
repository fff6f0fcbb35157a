import { type Ec2Operation, withDryRun } from '../ec2-operation.ts';
import { authorizeSecurityGroupIngress } from './authorize-security-group-ingress.ts';
import { createNetworkInterface } from './create-network-interface.ts';
import { createSecurityGroup } from './create-security-group.ts';
import { deleteNetworkInterface } from './delete-network-interface.ts';
import { deleteSecurityGroup } from './delete-security-group.ts';
import { describeNetworkInterfaces } from './describe-network-interfaces.ts';
import { describeSecurityGroupRules } from './describe-security-group-rules.ts';
import { describeSecurityGroups } from './describe-security-groups.ts';
import { describeVpcEndpoints } from './describe-vpc-endpoints.ts';
import { getManagedResourceVisibility } from './get-managed-resource-visibility.ts';
import { modifyManagedResourceVisibility } from './modify-managed-resource-visibility.ts';
import { modifyNetworkInterfaceAttribute } from './modify-network-interface-attribute.ts';
import { modifySecurityGroupRules } from './modify-security-group-rules.ts';
import { revokeSecurityGroupIngress } from './revoke-security-group-ingress.ts';

/** The operations by the value of `Action`. */
export const operations: ReadonlyMap<string, Ec2Operation> = new Map(
  Object.entries({
    AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
    CreateNetworkInterface: createNetworkInterface,
    CreateSecurityGroup: createSecurityGroup,
    DeleteNetworkInterface: deleteNetworkInterface,
    DeleteSecurityGroup: deleteSecurityGroup,
    DescribeNetworkInterfaces: describeNetworkInterfaces,
    DescribeSecurityGroupRules: describeSecurityGroupRules,
    DescribeSecurityGroups: describeSecurityGroups,
    DescribeVpcEndpoints: describeVpcEndpoints,
    GetManagedResourceVisibility: getManagedResourceVisibility,
    ModifyManagedResourceVisibility: modifyManagedResourceVisibility,
    ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
    ModifySecurityGroupRules: modifySecurityGroupRules,
    RevokeSecurityGroupIngress: revokeSecurityGroupIngress,
  }).map(([action, operation]) => [action, withDryRun(operation)]),
);
