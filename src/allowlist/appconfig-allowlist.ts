import { AppConfigProvider } from '@aws-lambda-powertools/parameters/appconfig';
import { clientConfig, type Patience } from './client-config.ts';
import { requireAnswers } from './require-answers.ts';

const providers = new Map<string, AppConfigProvider>();

/** The bytes of an allowlist in AWS AppConfig. The provider of each environment is kept, with its session. */
export async function readAppConfig(
  application: string,
  environment: string,
  profile: string,
  patience: Patience,
): Promise<Uint8Array | undefined> {
  const key = JSON.stringify([application, environment, profile, patience]);
  const provider = providers.get(key) ?? newProvider(application, environment, patience);
  providers.set(key, provider);
  try {
    return await provider.get(profile, { forceFetch: true });
  } catch (error) {
    // Its session may be what is wrong (expired, asked too soon), and it would go on with it for a day.
    providers.delete(key);
    throw error;
  }
}

function newProvider(application: string, environment: string, patience: Patience): AppConfigProvider {
  const provider = new AppConfigProvider({ application, environment, clientConfig: clientConfig(patience) });
  requireAnswers(provider.client, {
    StartConfigurationSession: 'InitialConfigurationToken',
    // An answer without a configuration says that it is unchanged; each has the token for the next call.
    GetLatestConfiguration: 'NextPollConfigurationToken',
  });
  return provider;
}
