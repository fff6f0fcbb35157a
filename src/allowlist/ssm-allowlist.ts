import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { CLIENT_CONFIG } from './client-config.ts';
import { requireAnswers } from './require-answers.ts';

let provider: SSMProvider | undefined;

/** The text of an allowlist in an SSM parameter (String or SecureString). */
export async function readSsmParameter(name: string): Promise<string | undefined> {
  if (provider === undefined) {
    provider = new SSMProvider({ clientConfig: CLIENT_CONFIG });
    requireAnswers(provider.client, { GetParameter: 'Parameter' });
  }
  // How long it is kept is decided in one place, by allowlistSource.
  return await provider.get(name, { decrypt: true, forceFetch: true });
}
