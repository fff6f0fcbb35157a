import { GetObjectCommand, PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { prepareClient, RETRYING } from '../clients.ts';

/** What the functions of a run leave for each other, as JSON, below `runs/RUN/`. */
export interface RunStore {
  put(name: string, value: unknown): Promise<void>;
  /** `undefined` if it is not there. */
  get(name: string): Promise<unknown>;
  /**
   * Puts what `change` makes of what is there, which is `undefined` if nothing is. If another function puts meanwhile, `change` is
   * asked again: what neither may lose, both keep.
   */
  update(name: string, change: (before: unknown) => unknown): Promise<void>;
}

/** What is stored is no JSON. Its message says so: it has no separate name. */
export class UnreadableFileError extends Error {}

/** S3 did not take or give what a run has to store. */
export class RunStoreError extends Error {
  override name = 'RunStoreError';
}

/** How often an update is tried. Two at once are rare, and more are a mistake somewhere. */
const UPDATES_TRIED = 5;

/** That an object is not as it was read any more (S3 User Guide, "Add preconditions to S3 operations with conditional requests"). */
const CHANGED_MEANWHILE: readonly string[] = ['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey'];

/**
 * The store of one run in a bucket. Anyone who reads needs `s3:ListBucket` as well: without it S3 answers AccessDenied where it should
 * say that an object is not there (S3 API Reference, GetObject).
 *
 * @throws {RunStoreError} from each call, with what S3 answers, after the SDK's retries; with an `UnreadableFileError` as its cause for
 * what is no JSON.
 */
export function runStore(bucket: string, run: string): RunStore {
  const client = prepareClient(new S3Client({ ...RETRYING }), { GetObject: 'ETag', PutObject: 'ETag' });
  const keyOf = (name: string): string => `runs/${run}/${name}`;
  const failed = (what: string, name: string, error: unknown): RunStoreError => {
    const { name: kind, message } = error as Error;
    const why = kind === 'Error' ? message : `${kind}: ${message}`;
    return new RunStoreError(`${keyOf(name)} could not be ${what} bucket \`${bucket}\`: ${why}`, { cause: error });
  };
  const send = (
    name: string,
    value: unknown,
    condition: Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'> = {},
  ) => {
    const Body = JSON.stringify(value);
    const input = { Bucket: bucket, Key: keyOf(name), Body, ContentType: 'application/json', ...condition };
    return client.send(new PutObjectCommand(input));
  };
  const read = async (name: string): Promise<{ readonly value: unknown; readonly ETag?: string } | undefined> => {
    try {
      const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(name) }));
      if (Body === undefined) throw new Error('the answer has no body');
      return { value: parse(await Body.transformToString()), ...(ETag !== undefined && { ETag }) };
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw failed('read from', name, error);
    }
  };
  return {
    async put(name, value) {
      try {
        await send(name, value);
      } catch (error) {
        throw failed('stored in', name, error);
      }
    },
    get: async (name) => (await read(name))?.value,
    async update(name, change) {
      for (let tried = 1; ; tried++) {
        const there = await read(name);
        try {
          await send(name, change(there?.value), there === undefined ? { IfNoneMatch: '*' } : { IfMatch: there.ETag });
          return;
        } catch (error) {
          const isAgain = error instanceof Error && CHANGED_MEANWHILE.includes(error.name);
          if (!isAgain || tried === UPDATES_TRIED) throw failed('stored in', name, error);
        }
      }
    },
  };
}

/** A proxy can answer with a page that has an ETag as well. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new UnreadableFileError('what is there is no JSON. Check the endpoint and every proxy on the way to it', {
      cause,
    });
  }
}
