import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import pThrottle from 'p-throttle';
import { type AroundEachTry, prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';

/** CloudTrail takes two such calls a second, per account and region (CloudTrail API Reference, LookupEvents). */
const CALLS_PER_SECOND = 2;

/** The event history of one account and region: its management events of the last 90 days. */
export interface EventHistory extends Disposable {
  /**
   * The latest events that name a resource, the latest first, each as the JSON of its record.
   *
   * @param pages how many of them are asked for at most; a page has 50 events.
   * @throws what LookupEvents answers, after the SDK's retries; and when the time is up.
   */
  eventsAbout(resourceName: string, pages: number): AsyncGenerator<string>;
  [Symbol.dispose](): void;
}

/** Looks up events with LookupEvents, no faster than CloudTrail takes it. Other users of the account share that limit. */
export function eventHistory(
  config: ClientConfig,
  { timeUp, aroundEachTry }: { readonly timeUp: AbortSignal; readonly aroundEachTry?: AroundEachTry },
): EventHistory {
  // No more than that: the limit is shared, and what is not known is no harm.
  const client = prepareClient(
    new CloudTrailClient({ ...RETRYING, maxAttempts: 3, ...config }),
    { LookupEvents: 'Events' },
    aroundEachTry,
  );
  const inTurn = pThrottle({ limit: CALLS_PER_SECOND, interval: 1000, signal: timeUp })(async () => {});
  return {
    async *eventsAbout(resourceName, pages) {
      let token: string | undefined;
      for (let page = 0; page < pages; page++) {
        await inTurn();
        const { Events = [], NextToken } = await client.send(
          new LookupEventsCommand({
            LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: resourceName }],
            ...(token !== undefined && { NextToken: token }),
          }),
          { abortSignal: timeUp },
        );
        for (const { CloudTrailEvent } of Events) if (CloudTrailEvent !== undefined) yield CloudTrailEvent;
        if (!NextToken) return;
        token = NextToken;
      }
    },
    [Symbol.dispose]: () => client.destroy(),
  };
}
