import { type Parameters, readInteger } from '../parameters.ts';
import type { Region } from '../region.ts';
import type { Engine, NodePlan } from './cache-clusters.ts';
import { readNetwork } from './network-parameters.ts';
import { readWord } from './parameters.ts';

/** What is used when no one chose one: inferred. */
const ENGINE_VERSIONS = { redis: '7.1', valkey: '8.0', memcached: '1.6.22' } as const;
const CACHE_NODE_TYPE = 'cache.t4g.micro';

/** What the nodes of a cache that is to be made are made of. */
export function readNodePlan(parameters: Parameters, region: Region, engine: Engine): NodePlan {
  return {
    engine,
    engineVersion: readWord(parameters, 'EngineVersion', ENGINE_VERSIONS[engine]),
    cacheNodeType: readWord(parameters, 'CacheNodeType', CACHE_NODE_TYPE),
    port: readInteger(parameters, 'Port', 1, 65_535, engine === 'memcached' ? 11_211 : 6379),
    network: readNetwork(parameters, region),
  };
}
