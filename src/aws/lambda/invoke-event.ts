import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';

/** Gives events to functions. */
export interface Functions {
  /**
   * Gives an event to a function with Invoke, asynchronously. A call that had no answer is made again, so the function may get the event
   * twice.
   *
   * @param payload JSON, as it is to arrive.
   * @throws what the API answers, after the SDK's retries; and an error if Lambda answers anything but 202, "taken".
   */
  invokeEvent(functionName: string, payload: string): Promise<void>;
  close(): void;
}

export function functionsAt(config: ClientConfig): Functions {
  const client = prepareClient(new LambdaClient({ ...RETRYING, ...config }), { Invoke: 'StatusCode' });
  return {
    async invokeEvent(FunctionName, payload) {
      const command = new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from(payload) });
      const { StatusCode } = await client.send(command);
      if (StatusCode !== 202) throw new Error(`Lambda answered ${StatusCode} where 202 means that it took the event`);
    },
    close: () => client.destroy(),
  };
}
