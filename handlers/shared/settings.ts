import {
  DEFAULT_MAX_REVOCATIONS,
  MIXED,
  type Mixed,
  MODES,
  type Mode,
  SHARED,
  type Shared,
} from '../../src/enforcement/mode.ts';
import { quote } from '../../src/policy/quote.ts';
import { isRegion } from '../../src/policy/written.ts';

/** The environment asks for something that does not exist. Nothing is revoked on a guess of what was meant. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

/** `INGRESS_GUARD_MODE`; `report-only` if it is not set. */
export function readMode(environment: NodeJS.ProcessEnv): Mode {
  return readChoice('INGRESS_GUARD_MODE', environment.INGRESS_GUARD_MODE || 'report-only', MODES);
}

/** `INGRESS_GUARD_ALLOWLIST`: the file to judge by; `undefined` for the allowlist packaged with the function. */
export function readAllowlistLocation(environment: NodeJS.ProcessEnv): string | undefined {
  return environment.INGRESS_GUARD_ALLOWLIST || undefined;
}

/** `INGRESS_GUARD_REGIONS`: the regions to audit, separated by commas; the function's own if it is not set. */
export function readRegions(environment: NodeJS.ProcessEnv): string[] {
  const written = environment.INGRESS_GUARD_REGIONS || environment.AWS_REGION || '';
  const regions = [...new Set(splitRegions(written))];
  const wrong = regions.find((region) => !isRegion(region));
  if (wrong !== undefined) {
    throw new SettingsError(`INGRESS_GUARD_REGIONS names ${quote(wrong)}: write regions such as us-east-1,eu-west-1`);
  }
  return regions;
}

/** A list of regions as someone writes it: `us-east-1, eu-west-1`. Each as it is written, without white space around it. */
export function splitRegions(written: string): string[] {
  return written.split(',').map((region) => region.trim());
}

/** `INGRESS_GUARD_MAX_REVOCATIONS`: if more grants are denied, an audit revokes none. 10 if it is not set. */
export function readMaxRevocations(environment: NodeJS.ProcessEnv): number {
  return readCount('INGRESS_GUARD_MAX_REVOCATIONS', environment.INGRESS_GUARD_MAX_REVOCATIONS, DEFAULT_MAX_REVOCATIONS);
}

/** `INGRESS_GUARD_SHARED`: what to do about a denied rule that opens more than caches, of a group that guards more. */
export function readShared(environment: NodeJS.ProcessEnv): Shared {
  return readChoice('INGRESS_GUARD_SHARED', environment.INGRESS_GUARD_SHARED || 'hold', SHARED);
}

/** `INGRESS_GUARD_MIXED`: what to do about a standing security group rule that makes an allowed and a denied grant. */
export function readMixed(environment: NodeJS.ProcessEnv): Mixed {
  return readChoice('INGRESS_GUARD_MIXED', environment.INGRESS_GUARD_MIXED || 'hold', MIXED);
}

/** `INGRESS_GUARD_REQUESTS_PER_SECOND`: how many calls an audit makes in a region at most. No limit if it is not set. */
export function readRequestsPerSecond(environment: NodeJS.ProcessEnv): number {
  const name = 'INGRESS_GUARD_REQUESTS_PER_SECOND';
  const rate = readCount(name, environment.INGRESS_GUARD_REQUESTS_PER_SECOND, Number.POSITIVE_INFINITY);
  if (rate === 0)
    throw new SettingsError(`${name} is 0, and nothing could be asked: set it to 1 or more, or unlimited`);
  return rate;
}

/**
 * `INGRESS_GUARD_SECURITY_HUB`: findings are imported into Security Hub, and the generator that they name begins with this; `undefined` if
 * they are not imported.
 */
export function readSecurityHubGenerator({ INGRESS_GUARD_SECURITY_HUB }: NodeJS.ProcessEnv): string | undefined {
  return INGRESS_GUARD_SECURITY_HUB || undefined;
}

function readChoice<Choice extends string>(name: string, written: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((known) => known === written);
  if (choice === undefined) throw new SettingsError(`${name} is ${quote(written)}: set it to ${choices.join(' or ')}`);
  return choice;
}

/** A number, or `unlimited`. */
export function readCount(name: string, written: string | undefined, otherwise: number): number {
  if (!written) return otherwise;
  if (written === 'unlimited') return Number.POSITIVE_INFINITY;
  if (!/^[0-9]{1,9}$/.test(written))
    throw new SettingsError(`${name} is ${quote(written)}: set it to a number, or unlimited`);
  return Number(written);
}
