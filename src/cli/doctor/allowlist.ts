import { type Check, ok, unknown, wrong } from './check.ts';
import { type Deployment, deployCommand, functionsOf } from './deployment.ts';

const CHECK = 'allowlist';

/** What the allowlist should be. */
export interface WantedAllowlist {
  readonly file: string;
  readonly sha256: string;
}

/**
 * Whether every function evaluates by one allowlist, and by the one that is wanted. A packaged one is known by the output of the stack;
 * any other is read where the functions read it, with the caller's credentials.
 */
export async function checkAllowlist(
  deployment: Deployment,
  wanted: WantedAllowlist | undefined,
  sdkRegion: string | undefined,
): Promise<readonly Check[]> {
  const locations = new Map<string, string>();
  for (const { name } of functionsOf(deployment)) {
    const found = await deployment.readFunction(name);
    if (found !== undefined) locations.set(found.environment.INGRESS_GUARD_ALLOWLIST ?? '', name);
  }
  const [location, ...others] = locations.keys();
  if (location === undefined) return [];
  if (others.length > 0) {
    const each = [...locations].map(([one, name]) => `${one || 'the packaged one'} in ${name}`).join('; ');
    return [wrong(CHECK, `the functions differ: ${each}`, deployCommand(deployment))];
  }
  const where = location === '' ? 'the packaged allowlist' : `the allowlist ${location}`;
  const sha256 =
    location === '' ? deployment.stack.outputs.AllowlistSha256 : await readSha256(location, deployment, sdkRegion);
  if (!sha256) {
    const error = new Error('the stack does not say its hash: an older version of Ingress Guard deployed it');
    return [{ ...unknown(CHECK, where, error), fix: deployCommand(deployment) }];
  }
  if (wanted === undefined) return [ok(CHECK, `${where} in every function, SHA-256 ${sha256}`)];
  if (sha256 === wanted.sha256) return [ok(CHECK, `${where} in every function is that of ${wanted.file}`)];
  const fix =
    location === ''
      ? `INGRESS_GUARD_ALLOWLIST=${wanted.file} ${deployCommand(deployment)}`
      : `put ${wanted.file} to ${location}`;
  return [wrong(CHECK, `${where} is another than ${wanted.file} (SHA-256 ${sha256})`, fix)];
}

async function readSha256(location: string, { region }: Deployment, sdkRegion: string | undefined): Promise<string> {
  // The SDK's own region is where it is read, in a function as here.
  if (sdkRegion !== region)
    throw new Error(`it is in ${region}, and the AWS SDK is set to ${sdkRegion ?? 'no region'}: set AWS_REGION`);
  const { allowlistLocation } = await import('../../allowlist/allowlist-location.ts');
  return (await allowlistLocation(location).read()).sha256;
}
