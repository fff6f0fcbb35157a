import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { readStack, stackArnOf } from '../read-stack.ts';

/** How many a page has. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html */
const PAGE = 100;

export const listStackResources: Operation = {
  parameters: ['StackName', 'NextToken'],
  readOnly: true,
  resourceOf: stackArnOf,
  run(parameters, region) {
    const { resources, deployedAt } = readStack(parameters, region);
    const token = parameters.get('NextToken');
    const from = token === undefined ? 0 : resources.findIndex(({ logicalId }) => tokenOf(logicalId) === token) + 1;
    if (token !== undefined && from === 0) throw new ApiError('ValidationError', 'NextToken is invalid');
    const page = resources.slice(from, from + PAGE);
    const isLast = from + PAGE >= resources.length;
    return {
      StackResourceSummaries: page.map(({ logicalId, type, physicalId }) => ({
        LogicalResourceId: logicalId,
        PhysicalResourceId: physicalId,
        ResourceType: type,
        LastUpdatedTimestamp: new Date(deployedAt).toISOString(),
        ResourceStatus: 'CREATE_COMPLETE',
      })),
      ...(!isLast && { NextToken: tokenOf(page.at(-1)?.logicalId ?? '') }),
    };
  },
};

/** To a caller a token is opaque; to us it is the last resource of the page before. */
function tokenOf(logicalId: string): string {
  return Buffer.from(`after:${logicalId}`).toString('base64');
}
