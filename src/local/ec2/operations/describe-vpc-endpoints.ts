import { toEndpointItem } from '../answers.ts';
import { toTaggedQuery } from '../cloudtrail.ts';
import { DESCRIBE_PARAMETERS, describePage, type FilterFields } from '../describe.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { readIds } from '../ids.ts';
import { noSuchEndpoint, type VpcEndpoint } from '../vpc-endpoints.ts';

const FIELDS: FilterFields<VpcEndpoint> = {
  'service-name': ({ serviceName }) => [serviceName],
  'vpc-endpoint-id': ({ vpcEndpointId }) => [vpcEndpointId],
  'vpc-id': ({ networkInterface }) => [networkInterface.vpcId],
};

/** Shows those of serverless caches: the account makes none here. */
export const describeVpcEndpoints: Ec2Operation = {
  parameters: ['VpcEndpointId.', ...DESCRIBE_PARAMETERS],
  readOnly: true,
  run(parameters, { accountId, securityGroups, vpcEndpoints }) {
    const endpoints = new Map(vpcEndpoints.described().map((endpoint) => [endpoint.vpcEndpointId, endpoint]));
    const named = readIds(parameters, 'VpcEndpointId', 'vpce').map((id) => {
      const endpoint = endpoints.get(id);
      if (endpoint === undefined) throw noSuchEndpoint(id);
      return endpoint;
    });
    const asked = named.length > 0 ? [...new Set(named)] : [...endpoints.values()];
    const page = describePage(parameters, asked, { idOf: ({ vpcEndpointId }) => vpcEndpointId, fields: FIELDS });
    const nameOf = (groupId: string) => securityGroups.find(groupId)?.groupName;
    return {
      vpcEndpointSet: page.shown.map((endpoint) => toEndpointItem(endpoint, accountId, nameOf)),
      nextToken: page.nextToken,
    };
  },
  toRequestParameters: (parameters) => ({
    DescribeVpcEndpointsRequest: toTaggedQuery(parameters, 'VpcEndpointId'),
  }),
};
