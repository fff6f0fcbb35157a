import { AllowlistError } from '../../allowlist/loaded-allowlist.ts';
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
  if (location === '') return checkPackaged(deployment, wanted);
  const where = `the allowlist ${location}`;
  // The SDK's own region is where it is read, in a function as here.
  if (sdkRegion !== deployment.region) {
    const error = new Error(`it is in ${deployment.region}, and the AWS SDK is set to ${sdkRegion ?? 'no region'}`);
    return [{ ...unknown(CHECK, where, error), fix: `set AWS_REGION to ${deployment.region}, and run doctor again` }];
  }
  const { allowlistLocation } = await import('../../allowlist/allowlist-location.ts');
  try {
    const { sha256 } = await allowlistLocation(location).read();
    return compare(where, sha256, wanted, (file) => `put ${file} to ${location}`);
  } catch (error) {
    if (!(error instanceof AllowlistError) || error.problems.length === 0) throw error;
    const fix = `store a valid one at ${location}: ingress-guard check says what is wrong with a file`;
    return [wrong(CHECK, `${where} is not valid: no function can evaluate by it`, fix)];
  }
}

function checkPackaged(deployment: Deployment, wanted: WantedAllowlist | undefined): readonly Check[] {
  const where = 'the packaged allowlist';
  const { AllowlistSha256: sha256 } = deployment.stack.outputs;
  if (sha256) {
    return compare(where, sha256, wanted, (file) => `INGRESS_GUARD_ALLOWLIST=${file} ${deployCommand(deployment)}`);
  }
  const error = new Error('the stack does not say its hash: an older version of Ingress Guard deployed it');
  return [{ ...unknown(CHECK, where, error), fix: deployCommand(deployment) }];
}

function compare(
  where: string,
  sha256: string,
  wanted: WantedAllowlist | undefined,
  fix: (file: string) => string,
): readonly Check[] {
  if (wanted === undefined) return [ok(CHECK, `${where} in every function, SHA-256 ${sha256}`)];
  if (sha256 === wanted.sha256) return [ok(CHECK, `${where} in every function is that of ${wanted.file}`)];
  return [wrong(CHECK, `${where} is another than ${wanted.file} (SHA-256 ${sha256})`, fix(wanted.file))];
}
