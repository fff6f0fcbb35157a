import type { MiddlewareStack } from '@smithy/types';

/** The part of a client of the SDK that is used here. */
interface SdkClient<Input extends object, Output extends object> {
  readonly middlewareStack: MiddlewareStack<Input, Output>;
}

/**
 * Makes each call of a client fail that something else than its service answered: a proxy's page, an empty body. The SDK would
 * take it for an answer in which nothing stands, or the page for the allowlist.
 *
 * @param answeredWith for each operation a member that every answer to it has.
 */
export function requireAnswers<Input extends object, Output extends object>(
  client: SdkClient<Input, Output>,
  answeredWith: Readonly<Record<string, string>>,
): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (call) => {
        const operation = commandName.replace(/Command$/, '');
        const member = answeredWith[operation] ?? '';
        const refuse = (what: string, options?: ErrorOptions) =>
          new Error(`the answer to ${operation} ${what}: check the endpoint and every proxy on the way to it`, options);
        const answered = await next(call).catch((error: unknown) => {
          const { $response, $fault } = error as { $response?: unknown; $fault?: string };
          throw $response !== undefined && $fault === undefined ? refuse('cannot be read', { cause: error }) : error;
        });
        if (Object(answered.output)[member] === undefined) throw refuse(`has no ${member}`);
        return answered;
      },
    { step: 'initialize', name: 'requireAnswers' },
  );
}
