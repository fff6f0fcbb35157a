import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { readInteger, required } from '../../parameters.ts';
import { readFilterPattern } from '../filter-pattern.ts';

/** How many lines a page has at most, here and on AWS. */
const MOST = 10_000;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
export const filterLogEvents: Operation = {
  parameters: ['logGroupName', 'startTime', 'endTime', 'filterPattern', 'limit', 'nextToken'],
  readOnly: true,
  resourceOf: (parameters, { name, accountId }) =>
    `arn:aws:logs:${name}:${accountId}:log-group:${parameters.get('logGroupName') ?? ''}`,
  run(parameters, { logGroups }) {
    const lines = logGroups.find(required(parameters, 'logGroupName'));
    if (lines === undefined) {
      throw new ApiError('ResourceNotFoundException', 'The specified log group does not exist.');
    }
    const isMeant = readFilterPattern(parameters.get('filterPattern') ?? '');
    const [from, to] = [readTime(parameters.get('startTime')) ?? 0, readTime(parameters.get('endTime'))];
    const found = lines.filter(
      ({ timestamp, message }) =>
        timestamp >= from && timestamp <= (to ?? Number.POSITIVE_INFINITY) && isMeant(message),
    );
    const token = parameters.get('nextToken');
    const start = token === undefined ? 0 : found.findIndex(({ id }) => id === token) + 1;
    if (token !== undefined && start === 0) {
      throw new ApiError('InvalidParameterException', 'The specified nextToken is invalid.');
    }
    const page = found.slice(start, start + readInteger(parameters, 'limit', 1, MOST, MOST));
    const last = page.at(-1);
    return {
      events: page.map(({ id, message, timestamp }) => ({
        eventId: id,
        logStreamName: 'local',
        message,
        timestamp,
        ingestionTime: timestamp,
      })),
      searchedLogStreams: [],
      ...(last !== undefined && last !== found.at(-1) && { nextToken: last.id }),
    };
  },
};

function readTime(written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  if (/^\d{1,15}$/.test(written)) return Number(written);
  throw new ApiError('InvalidParameterException', 'startTime and endTime are milliseconds since the epoch.');
}
