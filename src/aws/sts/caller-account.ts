import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { prepareClient, RETRYING } from '../clients.ts';

/** STS did not say whose credentials these are. */
export class UnknownCallerError extends Error {
  override name = 'UnknownCallerError';
}

/**
 * The account of the credentials of the AWS SDK's own chain, 12 digits, by GetCallerIdentity, which needs no permission
 * (AWS STS API Reference). Asked at the endpoint of a region.
 *
 * @throws {UnknownCallerError} with what the API answers, after the SDK's retries, or once it is aborted.
 */
export async function callerAccount(region: string, abortSignal?: AbortSignal): Promise<string> {
  const client = prepareClient(new STSClient({ ...RETRYING, region }), { GetCallerIdentity: 'Account' });
  try {
    const { Account } = await client.send(new GetCallerIdentityCommand(), { ...(abortSignal && { abortSignal }) });
    return Account as string;
  } catch (error) {
    const { name, message } = error as Error;
    const why = name === 'Error' ? message : `${name}: ${message}`;
    throw new UnknownCallerError(`STS did not say whose credentials these are: ${why}`, { cause: error });
  } finally {
    client.destroy();
  }
}
