import type { Readable } from 'node:stream';
import type { HandlerExecutionContext, MiddlewareStack } from '@smithy/types';

/** Each operation that is called, and a member that every successful answer to it has, even if it found nothing. */
export type AnsweredWith = Readonly<Record<string, string>>;

/**
 * What answered a call is not the API: a proxy's page, an empty body, the answer to another call. Taken for an answer, it
 * would say that nothing was found.
 */
export class UnusableAnswerError extends Error {
  override name = 'UnusableAnswerError';
  /** The SDK looks here for the status by which it tries again. */
  readonly $metadata: object;

  constructor(message: string, $metadata: object, options?: ErrorOptions) {
    super(message, options);
    this.$metadata = $metadata;
  }
}

/** The part of a client of the SDK that is used here. */
export interface SdkClient<Input extends object, Output extends object> {
  readonly middlewareStack: MiddlewareStack<Input, Output>;
  readonly config: {
    readonly region: string | (() => Promise<string>);
    readonly protocol: { getShapeId(): string };
  };
}

/** `DescribeCacheClusters`, of `DescribeCacheClustersCommand`. */
export function operationOf({ commandName }: HandlerExecutionContext): string {
  return String(commandName).replace(/Command$/, '');
}

/**
 * Makes each call of a client fail whose answer lacks what every answer to it has. The SDK reads only the elements that it
 * looks for, so it takes any XML, and an empty body, for an answer in which nothing was found. It ignores the name of the root
 * element, which names the call (AWS Query protocol, EC2 Query protocol).
 *
 * @throws {UnusableAnswerError} from the calls of the client; and an error for an operation that is not in the list.
 */
export function requireAnswers<Input extends object, Output extends object>(
  client: SdkClient<Input, Output>,
  answeredWith: AnsweredWith,
): void {
  client.middlewareStack.add(
    (next, context) => async (call) => {
      const operation = operationOf(context);
      const member = answeredWith[operation];
      if (member === undefined)
        throw new Error(`what ${operation} is answered with is not known: add it to its client`);
      const refuse = async (what: string, status: unknown, $metadata: object, options?: ErrorOptions) => {
        const from = `${hostOf(call.request)} (status ${status})`;
        return await unusable(client, operation, `the answer of ${from} ${what}`, $metadata, options);
      };
      const answered = await next(call).catch(async (error: unknown) => {
        const { $metadata = {} } = error as FromSdk;
        if (isErrorOfApi(error)) throw error;
        throw await refuse('cannot be read', $metadata.httpStatusCode, $metadata, { cause: error });
      });
      const output = answered.output as FromSdk & Readonly<Record<string, unknown>>;
      if (output[member] !== undefined) return answered;
      throw await refuse(`has no ${member}`, output.$metadata?.httpStatusCode, output.$metadata ?? {});
    },
    // Around what reads an answer, and inside the retries.
    { step: 'deserialize', priority: 'high', name: 'requireAnswers' },
  );
  if (/#(aws|ec2)Query$/.test(client.config.protocol.getShapeId())) requireRoots(client);
}

/** Makes each call fail whose answer does not begin with the element that names the call. It is not read any further. */
function requireRoots<Input extends object, Output extends object>(client: SdkClient<Input, Output>): void {
  client.middlewareStack.add(
    (next, context) => async (call) => {
      const answered = await next(call);
      const response = answered.response as { readonly statusCode: number; body: Readable | Uint8Array };
      if (response.statusCode >= 300) return answered;
      // As the SDK has it: a handler of requests may have collected the body already.
      const body = response.body instanceof Uint8Array ? Buffer.from(response.body) : await collect(response.body);
      response.body = body;
      const root = `${operationOf(context)}Response`;
      if (rootOf(body) === root) return answered;
      const { statusCode: httpStatusCode } = response;
      const from = `${hostOf(call.request)} (status ${httpStatusCode})`;
      throw await unusable(client, operationOf(context), `the answer of ${from} is no ${root}`, { httpStatusCode });
    },
    // Before the SDK reads it.
    { step: 'deserialize', priority: 'low', name: 'requireRoots' },
  );
}

/** `buffer` of node:stream/consumers takes three times as long: it makes a Blob. */
async function collect(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The name of the first element of XML in UTF-8. */
function rootOf(body: Buffer): string | undefined {
  return /^\s*(?:<\?xml[^>]*>\s*)?<([\w:.-]+)/.exec(body.toString('utf8', 0, LONGEST_HEAD))?.[1];
}

/** Where the first element must have begun, in bytes. */
const LONGEST_HEAD = 1024;

async function unusable<Input extends object, Output extends object>(
  { config: { region } }: SdkClient<Input, Output>,
  operation: string,
  what: string,
  $metadata: object,
  options?: ErrorOptions,
): Promise<UnusableAnswerError> {
  const where = typeof region === 'string' ? region : await region();
  const message = `${operation} in ${where}: ${what}. Check the endpoint and every proxy on the way to it`;
  return new UnusableAnswerError(message, $metadata, options);
}

interface FromSdk {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** An error of the SDK, with its code as XML has it, or JSON, or, of some JSON services, a header alone. */
interface FromApi {
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  readonly $fault?: string;
  readonly Code?: string;
  readonly __type?: string;
}

/** Whether an error is what the API answered, or of a connection that brought no answer. */
function isErrorOfApi(error: unknown): boolean {
  const { $response, $fault, Code, __type } = error as FromApi;
  // Without a fault, the SDK could not read the body.
  const inHeader = $fault === undefined ? undefined : $response?.headers?.['x-amzn-errortype'];
  return $response === undefined || (Code ?? __type ?? inHeader) !== undefined;
}

function hostOf(request: unknown): string {
  const { hostname, port } = request as { hostname?: string; port?: number };
  return port === undefined ? String(hostname) : `${hostname}:${port}`;
}
