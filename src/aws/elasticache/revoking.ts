// What enforceIngress calls of ElastiCache: loaded as one, for its first revocation.
export { elastiCacheClient } from './client.ts';
export { revokeIngress } from './revoke-ingress.ts';
