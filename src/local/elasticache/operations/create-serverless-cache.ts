import type { Operation } from '../../operation.ts';
import { invalid, type Parameters } from '../../parameters.ts';
import {
  readDescription,
  readEngine,
  readList,
  readNewName,
  readNewSecurityGroupIds,
  readWord,
} from '../parameters.ts';
import { readTags } from '../tags.ts';

/** What is used when nobody chose one: inferred. */
const MAJOR_ENGINE_VERSIONS = { redis: '7', valkey: '8', memcached: '1.6' } as const;

export const createServerlessCache: Operation = {
  parameters: [
    'ServerlessCacheName',
    'Engine',
    'MajorEngineVersion',
    'Description',
    'SecurityGroupIds',
    'SecurityGroupIds.',
    'SubnetIds',
    'SubnetIds.',
    'Tags',
    'Tags.',
  ],
  readOnly: false,
  run(parameters, region) {
    readTags(parameters);
    const name = readNewName(parameters, 'ServerlessCacheName');
    const engine = readEngine(parameters, 'redis', 'valkey', 'memcached');
    const plan = {
      name,
      engine,
      majorEngineVersion: readWord(parameters, 'MajorEngineVersion', MAJOR_ENGINE_VERSIONS[engine]),
      description: readDescription(parameters) ?? '',
      securityGroupIds: readNewSecurityGroupIds(parameters, region),
      subnetIds: readSubnetIds(parameters),
    };
    return { ServerlessCache: region.caches.serverless.create(plan) };
  },
};

/** Subnets are not looked up: there are none. */
function readSubnetIds(parameters: Parameters): string[] {
  const ids = readList(parameters, 'SubnetIds', 'SubnetId');
  const other = ids.find((id) => !/^subnet-[0-9a-f]{8,17}$/.test(id));
  if (other !== undefined) throw invalid('SubnetIds', other, 'it must be subnet- and 8 to 17 hexadecimal digits');
  return ids;
}
