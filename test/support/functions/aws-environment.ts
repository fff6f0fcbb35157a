import { onTestFinished, vi } from 'vitest';
import { REGION } from '../examples/grants.ts';
import { credentials } from '../local-aws/local-elasticache.ts';

/** Until the test is over: an environment with these AWS and guard settings, credentials, a region, and no others. */
export function stubEnvironment(settings: Readonly<Record<string, string | undefined>>): void {
  const cleared = Object.keys(process.env).filter((name) => /^(AWS_|INGRESS_GUARD_|POWERTOOLS_)/.test(name));
  for (const name of cleared) vi.stubEnv(name, undefined);
  const all = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    // Powertools sets it when it is loaded.
    AWS_SDK_UA_APP_ID: undefined,
    ...settings,
  };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}
