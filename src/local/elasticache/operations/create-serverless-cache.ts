import type { Operation } from '../../operation.ts';
import { readDescription, readEngine, readNewName, readServerlessNetwork, readWord } from '../parameters.ts';
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
      ...readServerlessNetwork(parameters, region),
    };
    return { ServerlessCache: region.caches.serverless.create(plan) };
  },
};
