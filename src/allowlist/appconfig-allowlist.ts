import { AppConfigProvider } from '@aws-lambda-powertools/parameters/appconfig';

const providers = new Map<string, AppConfigProvider>();

/** The text of an allowlist in AWS AppConfig. The provider of each environment is kept, with its session. */
export async function readAppConfig(
  application: string,
  environment: string,
  profile: string,
): Promise<string | undefined> {
  const key = `${application}/${environment}`;
  const provider = providers.get(key) ?? new AppConfigProvider({ application, environment });
  providers.set(key, provider);
  const bytes = await provider.get(profile, { forceFetch: true });
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}
