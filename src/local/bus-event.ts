import { randomUUID } from 'node:crypto';

/** An event as EventBridge delivers it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** Puts something into the envelope, which EventBridge makes and no one else. */
export function toEnvelope(
  place: { readonly account: string; readonly region: string },
  now: number,
  { source, detailType, detail }: { readonly source: string; readonly detailType: string; readonly detail: unknown },
): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account: place.account,
    time: `${new Date(now).toISOString().slice(0, 19)}Z`,
    region: place.region,
    resources: [],
    detail,
  };
}
