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
  readonly config: { readonly region: string | (() => Promise<string>) };
}

/** `DescribeCacheClusters`, of `DescribeCacheClustersCommand`. */
export function operationOf({ commandName }: HandlerExecutionContext): string {
  return String(commandName).replace(/Command$/, '');
}

/**
 * Makes each call of a client fail whose answer lacks what every answer to it has. The SDK reads only the elements that it
 * looks for, so it takes any XML, and an empty body, for an answer in which nothing was found.
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
        const { region } = client.config;
        const where = typeof region === 'string' ? region : await region();
        const from = `${hostOf(call.request)} (status ${status})`;
        const message = `${operation} in ${where}: the answer of ${from} ${what}. Check the endpoint and every proxy on the way to it`;
        return new UnusableAnswerError(message, $metadata, options);
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
}

interface FromSdk {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** An error of the SDK, with its code as XML has it, or JSON. */
interface FromApi {
  readonly $response?: unknown;
  readonly Code?: string;
  readonly __type?: string;
}

/** Whether an error is what the API answered, or of a connection that brought no answer. */
function isErrorOfApi(error: unknown): boolean {
  const { $response, Code, __type } = error as FromApi;
  return $response === undefined || (Code ?? __type) !== undefined;
}

function hostOf(request: unknown): string {
  const { hostname, port } = request as { hostname?: string; port?: number };
  return port === undefined ? String(hostname) : `${hostname}:${port}`;
}
