// What is called of ElastiCache: loaded as one, for the first call.
export { elastiCacheClient } from './client.ts';
export { listCaches } from './list-caches.ts';
export { listGrants } from './list-grants.ts';
export { readGrantStatus } from './read-grant-status.ts';
export { revokeIngress } from './revoke-ingress.ts';
