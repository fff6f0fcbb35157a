import { AppConfigProvider } from '@aws-lambda-powertools/parameters/appconfig';
import { CLIENT_CONFIG } from './client-config.ts';

const providers = new Map<string, AppConfigProvider>();

/** The text of an allowlist in AWS AppConfig. The provider of each environment is kept, with its session. */
export async function readAppConfig(
  application: string,
  environment: string,
  profile: string,
): Promise<string | undefined> {
  const key = `${application}/${environment}/${profile}`;
  const provider =
    providers.get(key) ?? new AppConfigProvider({ application, environment, clientConfig: CLIENT_CONFIG });
  providers.set(key, provider);
  try {
    const bytes = await provider.get(profile, { forceFetch: true });
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  } catch (error) {
    // Its session may be what is wrong (expired, asked too soon), and it would go on with it for a day.
    providers.delete(key);
    throw error;
  }
}
