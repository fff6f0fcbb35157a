import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { clientConfig, type Patience } from './client-config.ts';
import { requireAnswers } from './require-answers.ts';

const providers = new Map<Patience, SSMProvider>();

/** The text of an allowlist in an SSM parameter (String or SecureString). */
export async function readSsmParameter(name: string, patience: Patience): Promise<string | undefined> {
  const provider = providers.get(patience) ?? newProvider(patience);
  providers.set(patience, provider);
  // How long it is kept is decided in one place, by allowlistSource.
  return await provider.get(name, { decrypt: true, forceFetch: true });
}

function newProvider(patience: Patience): SSMProvider {
  const provider = new SSMProvider({ clientConfig: clientConfig(patience) });
  requireAnswers(provider.client, { GetParameter: 'Parameter' });
  return provider;
}
