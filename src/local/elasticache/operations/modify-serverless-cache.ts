import type { Operation } from '../../operation.ts';
import { readConnection } from '../network-parameters.ts';
import { readDescription, readName } from '../parameters.ts';

/**
 * Of what can be modified, the security groups and the description are; and the connection type, which AWS's documentation
 * has for Create alone.
 */
export const modifyServerlessCache: Operation = {
  parameters: ['ServerlessCacheName', 'Description', 'ConnectionType', 'SecurityGroupIds', 'SecurityGroupIds.'],
  readOnly: false,
  run(parameters, region) {
    const name = readName(parameters, 'ServerlessCacheName');
    const { serverless } = region.caches;
    const plan = serverless.planOf(name);
    const connection = readConnection(parameters, region, plan, plan.connection);
    const description = readDescription(parameters) ?? plan.description;
    return { ServerlessCache: serverless.modify(name, { connection, description }) };
  },
};
