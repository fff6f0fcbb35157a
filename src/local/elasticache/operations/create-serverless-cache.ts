import type { Operation } from '../../operation.ts';
import { readConnection, readConnectionType } from '../network-parameters.ts';
import { readDescription, readEngine, readNewName, readWord } from '../parameters.ts';
import { readTags } from '../tags.ts';

/** What is used when no one chose one: inferred. */
const MAJOR_ENGINE_VERSIONS = { redis: '7', valkey: '8', memcached: '1.6' } as const;
const PUBLIC_VERSION = '9';

export const createServerlessCache: Operation = {
  parameters: [
    'ServerlessCacheName',
    'Engine',
    'MajorEngineVersion',
    'Description',
    'ConnectionType',
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
    const otherwise = readConnectionType(parameters) === 'public' ? PUBLIC_VERSION : MAJOR_ENGINE_VERSIONS[engine];
    const version = { engine, majorEngineVersion: readWord(parameters, 'MajorEngineVersion', otherwise) };
    const connection = readConnection(parameters, region, version);
    const plan = { name, ...version, description: readDescription(parameters) ?? '', connection };
    return { ServerlessCache: region.caches.serverless.create(plan) };
  },
};
