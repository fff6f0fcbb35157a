// What enforceSecurityGroup calls of ElastiCache: loaded as one, for its first event.
export { elastiCacheClient } from './client.ts';
export { listCaches } from './list-caches.ts';
