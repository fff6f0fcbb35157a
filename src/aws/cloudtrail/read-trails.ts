import {
  type AdvancedEventSelector,
  CloudTrailClient,
  DescribeTrailsCommand,
  type EventSelector,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
} from '@aws-sdk/client-cloudtrail';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';

/** A trail, as far as it says whether EventBridge gets the calls of a region. */
export interface Trail {
  readonly name: string;
  readonly arn: string;
  readonly isLogging: boolean;
  /** Which of the services asked for it does not log every write management event of. Empty: it logs them of each. */
  readonly leavesOut: readonly string[];
}

/**
 * Reads the trails that a region has, its own and those of all regions, with DescribeTrails, GetTrailStatus and GetEventSelectors. A
 * trail that cannot be read is an error in its place.
 *
 * @param eventSources `ec2.amazonaws.com`, …
 * @throws what DescribeTrails answers, after the SDK's retries.
 */
export async function readTrails(
  config: ClientConfig,
  eventSources: readonly string[],
): Promise<(Trail | { readonly name: string; readonly error: unknown })[]> {
  const client = prepareClient(new CloudTrailClient({ ...RETRYING, ...config }), {
    DescribeTrails: 'trailList',
    GetEventSelectors: 'TrailARN',
    GetTrailStatus: 'IsLogging',
  });
  try {
    const { trailList = [] } = await client.send(new DescribeTrailsCommand({}));
    return await Promise.all(
      trailList.map(async ({ Name: name = '', TrailARN: arn = '' }) => {
        try {
          const { IsLogging: isLogging = false } = await client.send(new GetTrailStatusCommand({ Name: arn }));
          const selectors = await client.send(new GetEventSelectorsCommand({ TrailName: arn }));
          return { name, arn, isLogging, leavesOut: eventSources.filter((source) => !logsWrites(selectors, source)) };
        } catch (error) {
          return { name, error };
        }
      }),
    );
  } finally {
    client.destroy();
  }
}

interface Selectors {
  readonly EventSelectors?: readonly EventSelector[] | undefined;
  readonly AdvancedEventSelectors?: readonly AdvancedEventSelector[] | undefined;
}

/** AWS CloudTrail User Guide, "Logging management events": any selector that takes an event is enough. */
function logsWrites({ EventSelectors = [], AdvancedEventSelectors = [] }: Selectors, eventSource: string): boolean {
  return (
    EventSelectors.some(
      ({ IncludeManagementEvents, ReadWriteType, ExcludeManagementEventSources = [] }) =>
        IncludeManagementEvents === true &&
        ReadWriteType !== 'ReadOnly' &&
        !ExcludeManagementEventSources.includes(eventSource),
    ) ||
    AdvancedEventSelectors.some(({ FieldSelectors = [] }) =>
      FieldSelectors.every((field) =>
        takes(field, KNOWN[field.Field ?? ''] ?? (field.Field === 'eventSource' ? eventSource : undefined)),
      ),
    )
  );
}

/** What is the same of every call that is looked for. */
const KNOWN: Readonly<Record<string, string>> = { eventCategory: 'Management', readOnly: 'false' };

type FieldSelector = NonNullable<AdvancedEventSelector['FieldSelectors']>[number];

/** Whether a condition holds for a value. One on a field whose value is not known, such as who calls, leaves calls out. */
function takes(field: FieldSelector, value: string | undefined): boolean {
  if (value === undefined) return false;
  const any = (texts: readonly string[] | undefined, fits: (text: string) => boolean) => texts?.some(fits);
  return (
    (any(field.Equals, (text) => text === value) ?? true) &&
    (any(field.StartsWith, (text) => value.startsWith(text)) ?? true) &&
    (any(field.EndsWith, (text) => value.endsWith(text)) ?? true) &&
    !any(field.NotEquals, (text) => text === value) &&
    !any(field.NotStartsWith, (text) => value.startsWith(text)) &&
    !any(field.NotEndsWith, (text) => value.endsWith(text))
  );
}
