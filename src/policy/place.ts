/** One account in one region. Everything that AWS knows by account and region is kept by it, never by region alone. */
export interface Place {
  /** 12 digits. */
  readonly account: string;
  /** For example `us-east-1`. */
  readonly region: string;
}

/** The same text for the same place, and for no other. */
export function placeKey({ account, region }: Place): string {
  return `${account} ${region}`;
}
