/** Whose caches they are, and how they change. */
export interface CacheSettings {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
  /** How long a cache stays `creating`, `modifying` and `deleting`, in milliseconds. */
  readonly creatingMs: number;
}
