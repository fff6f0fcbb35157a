import * as right from '../../../../../../../src/aws/elasticache/list-caches.ts';

export * from '../../../../../../../src/aws/elasticache/list-caches.ts';

/** Takes a cache of which no security group is listed for one that none guards. */
export const listCaches: typeof right.listCaches = async (client, abortSignal) => {
  const listed = await right.listCaches(client, abortSignal);
  return listed.map(({ unknownGroups, unlisted, ...cache }) => cache);
};
