import type { Operation } from '../../operation.ts';
import { readText } from '../../parameters.ts';
import { readList, readName } from '../parameters.ts';
import { readTags } from '../tags.ts';

export const createCacheSubnetGroup: Operation = {
  parameters: ['CacheSubnetGroupName', 'CacheSubnetGroupDescription', 'SubnetIds', 'SubnetIds.', 'Tags', 'Tags.'],
  readOnly: false,
  run(parameters, { caches }) {
    readTags(parameters);
    const name = readName(parameters, 'CacheSubnetGroupName');
    const description = readText(parameters, 'CacheSubnetGroupDescription', 255);
    const subnetIds = readList(parameters, 'SubnetIds', 'SubnetIdentifier');
    return { CacheSubnetGroup: caches.subnetGroups.create(name, description, subnetIds) };
  },
};
