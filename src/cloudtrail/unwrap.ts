import { gunzipSync } from 'node:zlib';
import { OUTCOMES } from '../policy/outcome.ts';
import { quote } from '../policy/quote.ts';
import { CONTAINERS, OTHERS } from './containers.ts';
import { CALL_BY_CLOUDTRAIL, RECORD } from './delivered-record.ts';
import { JsonSplitter } from './split-json.ts';

type Members = Readonly<Record<string, unknown>>;

/** What is in a value once all that is around it is off; or why it is nothing of use. */
export type Found =
  /** An event of EventBridge with a record as its `detail`, or of another kind. */
  | { readonly event: Members }
  | { readonly record: Members }
  /** What Ingress Guard wrote: a decision, an outcome, a finding, a report. */
  | { readonly decided: Members }
  | { readonly problem: string };

/** A list in an SNS message in an SQS message in what a function gets has nine. */
const MOST_LAYERS = 16;
/** Of all that is packed in one value. A function gets at most 6 MB. */
const MOST_UNPACKED_BYTES = 16 * 1024 * 1024;

/**
 * Finds the events and records in a value: in the containers that are known, in lists, and in texts that are JSON, also in
 * base64 and packed by gzip. What it does not know is named. Work and memory are bounded, whatever the value is.
 */
export function unwrap(value: unknown): Generator<Found> {
  return open(value, { layers: MOST_LAYERS, unpacked: { bytes: MOST_UNPACKED_BYTES } });
}

/** How many layers more may be opened, and how many bytes unpacked in all of them together. */
interface Left {
  readonly layers: number;
  readonly unpacked: { bytes: number };
}

function* open(value: unknown, { layers, unpacked }: Left): Generator<Found> {
  const left = { layers: layers - 1, unpacked };
  if (layers === 0) yield { problem: `wrapped in more than ${MOST_LAYERS} layers` };
  else if (typeof value === 'string') yield* openText(value, left);
  else if (Array.isArray(value)) for (const one of asRow(value) ?? value) yield* open(one, left);
  else if (!isObject(value)) yield notRecord(JSON.stringify(value));
  else if (isDecided(value)) yield { decided: value };
  else yield* openObject(value, left);
}

function* openObject(value: Members, left: Left): Generator<Found> {
  // CloudWatch Logs sends it to see whether a subscription is there. It holds no log line.
  if (value.messageType === 'CONTROL_MESSAGE') return;
  const key = CONTAINERS.find((one) => Object.hasOwn(value, one) && isContainer(one, value[one]));
  if (key === 'QueryResultRows') yield* open(asRows(value[key]), left);
  else if (key !== undefined) yield* open(value[key], left);
  else if (isObject(value.detail)) yield asEvent(value, value.detail);
  else {
    const record = asRecord(value);
    yield record === undefined ? notRecord(describe(value)) : { record };
  }
}

function* openText(text: string, left: Left): Generator<Found> {
  let json = text;
  if (!isJson(text)) {
    if (!isPacked(text)) return yield notRecord(quote(text));
    try {
      json = unpack(Buffer.from(text, 'base64'), left);
    } catch (error) {
      const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      const why = isTooLarge ? `larger than ${MOST_UNPACKED_BYTES / 1024 / 1024} MB once unpacked` : 'damaged';
      return yield { problem: `a text in gzip and base64 that is ${why}` };
    }
  }
  const splitter = new JsonSplitter([]);
  for (const split of [...splitter.write(json), ...splitter.end()]) {
    if (split.problem === undefined) yield* open(split.value, left);
    else yield { problem: `in a text: ${split.problem}` };
  }
}

/** Whether a text can be JSON, by its first character. */
function isJson(text: string): boolean {
  return /^\s*[[{"]/.test(text);
}

/** Whether a text can be JSON in base64, or gzip. */
function isPacked(text: string): boolean {
  const first = Buffer.from(text.slice(0, 4), 'base64');
  return (isGzip(first) || isJson(first.toString('latin1'))) && /^[\w+/=\s-]+$/.test(text);
}

function isGzip([first, second]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b;
}

function unpack(packed: Buffer, { unpacked }: Left): string {
  let bytes = packed;
  while (isGzip(bytes)) {
    bytes = gunzipSync(bytes, { maxOutputLength: Math.max(1, unpacked.bytes) });
    unpacked.bytes -= bytes.length;
  }
  return bytes.toString('utf8');
}

/** Whether there is anything to open under a key. The `detail` of an event is no container, unless it became a text. */
function isContainer(key: string, value: unknown): boolean {
  if (typeof value === 'string') return isJson(value) || isPacked(value);
  return key !== 'detail' && typeof value === 'object' && value !== null;
}

/** What Logs Insights answers is a list of lists of fields. One of these as an object, if it is one. */
function asRow(list: readonly unknown[]): Members[] | undefined {
  const fields = list.filter((one) => isObject(one) && typeof one.field === 'string') as Members[];
  if (fields.length === 0 || fields.length < list.length) return undefined;
  return [Object.fromEntries(fields.map(({ field, value }) => [field, value]))];
}

/** What CloudTrail Lake answers is a list of lists of objects, each with one column. */
function asRows(rows: unknown): unknown {
  return Array.isArray(rows) ? rows.map((row) => (Array.isArray(row) ? Object.assign({}, ...row) : row)) : rows;
}

function isDecided({ findings, grant, outcome }: Members): boolean {
  return Array.isArray(findings) || isObject(grant) || OUTCOMES.some((one) => one === outcome);
}

/** An event of EventBridge. One that has no record is for the parsers only if it says that it is of another kind. */
function asEvent(event: Members, detail: Members): Found {
  const record = asRecord(detail);
  if (record !== undefined) return { event: { ...event, detail: record } };
  if (event.source === 'aws.s3') return notRecord(OTHERS.s3);
  const kind = event['detail-type'];
  const isOfAnotherKind = typeof kind === 'string' && kind !== CALL_BY_CLOUDTRAIL;
  return isOfAnotherKind ? { event } : notRecord(`its \`detail\` ${describe(detail)}`);
}

const NAMES: ReadonlyMap<string, string> = new Map(RECORD.map((name) => [name.toLowerCase(), name]));
const OBJECTS = ['userIdentity', 'requestParameters', 'responseElements'];

/** A record as CloudTrail writes it. Athena and others lower its names, and make texts of its objects. */
function asRecord(value: Members): Members | undefined {
  if (Object.keys(OTHERS).some((key) => Object.hasOwn(value, key))) return undefined;
  const record = isRecord(value)
    ? value
    : Object.fromEntries(Object.entries(value).map(([name, one]) => [NAMES.get(name.toLowerCase()) ?? name, one]));
  if (!isRecord(record)) return undefined;
  const texts = OBJECTS.filter((name) => typeof record[name] === 'string');
  return texts.length === 0
    ? record
    : { ...record, ...Object.fromEntries(texts.map((name) => [name, parse(record[name] as string)])) };
}

/** What a queue or a stream hands to a function has an `eventSource`, too: `aws:sqs`. Insights have no `eventName`. */
function isRecord(value: Members): boolean {
  const isFromQueue = typeof value.eventSource === 'string' && value.eventSource.startsWith('aws:');
  return !isFromQueue && ['eventName', 'eventSource', 'eventCategory'].some((name) => Object.hasOwn(value, name));
}

/** What a text in JSON says, else the text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function notRecord(what: string | undefined): Found {
  return { problem: `no CloudTrail record: ${what}` };
}

/** How many keys are named. */
const MOST_KEYS = 4;

function describe(value: Members): string {
  const keys = Object.keys(value);
  const other = Object.keys(OTHERS).find((key) => keys.includes(key));
  if (other !== undefined) return OTHERS[other] as string;
  const more = keys.length > MOST_KEYS ? ` and ${keys.length - MOST_KEYS} more` : '';
  return keys.length === 0 ? 'holds nothing' : `holds ${keys.slice(0, MOST_KEYS).map(quote).join(', ')}${more}`;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
