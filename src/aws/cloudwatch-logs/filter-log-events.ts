import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';
import { pagesToTheEnd } from '../pages.ts';

/** A line of a log. */
export interface LogLine {
  readonly message: string;
  readonly timestamp: Date;
}

/** Which lines of a log group. */
export interface WantedLines {
  readonly logGroup: string;
  readonly from: Date;
  /** In CloudWatch's filter pattern syntax. */
  readonly pattern: string;
  /** How many lines there may be at most. */
  readonly most: number;
}

/** The lines that were found: all, or the oldest ones. */
export interface FoundLines {
  readonly lines: readonly LogLine[];
  readonly isWhole: boolean;
}

/** Reads logs. `filter` throws what the API answers, after the SDK's retries. */
export interface Logs {
  /** Looks for lines with FilterLogEvents, every page, oldest first. */
  filter(wanted: WantedLines, abortSignal?: AbortSignal): Promise<FoundLines>;
  close(): void;
}

export function logsAt(config: ClientConfig): Logs {
  const client = prepareClient(new CloudWatchLogsClient({ ...RETRYING, ...config }), { FilterLogEvents: 'events' });
  return {
    async filter({ logGroup, from, pattern, most }, abortSignal) {
      const input = { logGroupName: logGroup, startTime: from.getTime(), filterPattern: pattern };
      const lines: LogLine[] = [];
      const pages = paginateFilterLogEvents({ client }, input, { abortSignal });
      for await (const page of pagesToTheEnd(pages, 'events', 'nextToken')) {
        for (const { message, timestamp } of page) {
          if (lines.length === most) return { lines, isWhole: false };
          lines.push({ message: message ?? '', timestamp: new Date(timestamp ?? Number.NaN) });
        }
      }
      return { lines, isWhole: true };
    },
    close: () => client.destroy(),
  };
}
