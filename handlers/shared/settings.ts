import { MODES, type Mode } from '../../src/enforcement/enforce-grant.ts';
import { quote } from '../../src/policy/grant.ts';

/** The environment asks for something that does not exist. Nothing is revoked on a guess of what was meant. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

/** `INGRESS_GUARD_MODE`; `report-only` if it is not set. */
export function readMode(environment: NodeJS.ProcessEnv): Mode {
  const written = environment.INGRESS_GUARD_MODE || 'report-only';
  const mode = MODES.find((known) => known === written);
  if (mode === undefined) {
    throw new SettingsError(`INGRESS_GUARD_MODE is ${quote(written)}: set it to ${MODES.join(' or ')}`);
  }
  return mode;
}

/** `INGRESS_GUARD_ALLOWLIST`: the file to judge by; `undefined` for the allowlist packaged with the function. */
export function readAllowlistLocation(environment: NodeJS.ProcessEnv): string | undefined {
  return environment.INGRESS_GUARD_ALLOWLIST || undefined;
}
