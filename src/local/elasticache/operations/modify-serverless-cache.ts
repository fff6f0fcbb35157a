import type { Operation } from '../../operation.ts';
import { readDescription, readName, readSecurityGroupIds } from '../parameters.ts';

/** Of what can be modified, the security groups and the description are. */
export const modifyServerlessCache: Operation = {
  parameters: ['ServerlessCacheName', 'Description', 'SecurityGroupIds', 'SecurityGroupIds.'],
  readOnly: false,
  run(parameters, region) {
    const name = readName(parameters, 'ServerlessCacheName');
    const securityGroupIds = readSecurityGroupIds(parameters, region);
    const description = readDescription(parameters);
    const changes = {
      ...(securityGroupIds && { securityGroupIds }),
      ...(description !== undefined && { description }),
    };
    return { ServerlessCache: region.caches.serverless.modify(name, changes) };
  },
};
