/** An object of a bucket. */
export interface StoredObject {
  readonly body: string;
  readonly contentType: string;
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
}

export interface Bucket {
  readonly name: string;
  /** 12 digits. */
  readonly accountId: string;
  /** By key. */
  readonly objects: Map<string, StoredObject>;
}

/** The buckets of all accounts: no two have the same name, and so no place is needed to find one. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>();

  /** Makes a bucket, which only its own account may use. One that is there stays as it is. */
  put(name: string, accountId: string): Bucket {
    const there = this.#buckets.get(name);
    if (there !== undefined) return there;
    const bucket = { name, accountId, objects: new Map<string, StoredObject>() };
    this.#buckets.set(name, bucket);
    return bucket;
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }
}
