import { LONG_LISTS } from './containers.ts';
import { type ParsedEvent, parseEvent, parseRecord } from './parse-event.ts';
import {
  isSecurityGroupCall,
  type ParsedSecurityGroupEvent,
  parseSecurityGroupEvent,
  parseSecurityGroupRecord,
} from './parse-security-group-event.ts';
import { JsonSplitter, type Split } from './split-json.ts';
import { type Found, unwrap } from './unwrap.ts';

/** One thing out of a text, and the line on which the value begins that it is in. */
export type RecordedEvent = { readonly line: number } & Recorded;

type Recorded =
  /** As an event of a VPC security group if its call can be of one, else as one of a cache security group. */
  | { readonly parsed: ParsedEvent | ParsedSecurityGroupEvent }
  /** A decision, an outcome, a finding or a report of Ingress Guard, as it was written. */
  | { readonly decided: Readonly<Record<string, unknown>> }
  /** A stretch that is nothing of these. */
  | { readonly problem: string };

/**
 * Reads recorded events one by one, whatever they are wrapped in: see `containers.ts`. Only a small part is in memory at a
 * time, whatever the size of the whole.
 *
 * @throws what the texts throw, after the events before that.
 */
export async function* readRecordedEvents(texts: AsyncIterable<string>): AsyncGenerator<RecordedEvent> {
  const splitter = new JsonSplitter(LONG_LISTS);
  for await (const text of texts) yield* readAll(splitter.write(text));
  yield* readAll(splitter.end());
}

function* readAll(splits: Iterable<Split>): Generator<RecordedEvent> {
  for (const { line, problem, value } of splits) {
    if (problem !== undefined) yield { line, problem };
    else for (const found of unwrap(value)) yield { line, ...read(found) };
  }
}

function read(found: Found): Recorded {
  if ('event' in found) {
    const { event } = found;
    return { parsed: isOfSecurityGroup(event.detail) ? parseSecurityGroupEvent(event) : parseEvent(event) };
  }
  if (!('record' in found)) return found;
  const { record } = found;
  return { parsed: isOfSecurityGroup(record) ? parseSecurityGroupRecord(record) : parseRecord(record) };
}

function isOfSecurityGroup(record: unknown): boolean {
  return isSecurityGroupCall((record as { eventName?: unknown }).eventName);
}
