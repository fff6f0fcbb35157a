import * as right from '../../../../../../../src/aws/elasticache/list-caches.ts';

export * from '../../../../../../../src/aws/elasticache/list-caches.ts';

/** Takes a cache that has no port yet for one that listens on none. */
export const listCaches: typeof right.listCaches = async (client, abortSignal) => {
  const listed = await right.listCaches(client, abortSignal);
  return listed.map(({ likelyPorts, ...cache }) => cache);
};
