import { FUNCTION, type Patience } from './client-config.ts';
import { AllowlistError, type LoadedAllowlist, type LocatedAllowlist } from './loaded-allowlist.ts';
import { readPackagedAllowlist } from './packaged-allowlist.ts';

/** Where an allowlist is, and how long one that was read there may be used before it is looked at again. */
export interface AllowlistLocation {
  readonly read: () => Promise<LoadedAllowlist>;
  readonly maxAgeMs: number;
}

/** Another machine's: each look is a call. */
const REMOTE_MAX_AGE_MS = 60_000;
/** A file that someone edits while the local AWS runs. */
const FILE_MAX_AGE_MS = 1_000;

/**
 * Understands what INGRESS_GUARD_ALLOWLIST says: nothing (the allowlist packaged with the function), what `remoteAllowlist`
 * understands, or the path of a file.
 *
 * Each kind, and what reads YAML, is loaded only when it is chosen: a cold start with the packaged allowlist does without.
 */
export function allowlistLocation(written: string | undefined): AllowlistLocation {
  if (written === undefined) return { read: readPackagedAllowlist, maxAgeMs: Number.POSITIVE_INFINITY };
  const remote = remoteAllowlist(written);
  if (remote !== undefined) return { read: remote, maxAgeMs: REMOTE_MAX_AGE_MS };
  return {
    maxAgeMs: FILE_MAX_AGE_MS,
    async read() {
      const { readAllowlistFile } = await import('./allowlist-file.ts');
      return await readAllowlistFile(written);
    },
  };
}

/** Whether this names an allowlist that is not a file, also where it names AppConfig wrongly. Never throws. */
export function isRemoteAllowlist(written: string): boolean {
  return /^(ssm:.|appconfig:)/.test(written);
}

/**
 * How to read an allowlist that is not a file: `ssm:NAME` (an SSM parameter) or
 * `appconfig:APPLICATION/ENVIRONMENT/PROFILE` (AWS AppConfig). `undefined` if it is something else.
 *
 * @param patience how long each try of a call may take; a function's if not given.
 * @throws {AllowlistError} when it is read, and there is none or it is not valid; at once, if it names AppConfig wrongly.
 */
export function remoteAllowlist(
  written: string,
  patience: Patience = FUNCTION,
): (() => Promise<LocatedAllowlist>) | undefined {
  const ssm = /^ssm:(.+)$/.exec(written)?.[1];
  if (ssm !== undefined) {
    return remote(written, async () => {
      const { readSsmParameter } = await import('./ssm-allowlist.ts');
      return await readSsmParameter(ssm, patience);
    });
  }
  const [, application, environment, profile] = /^appconfig:([^/]+)\/([^/]+)\/([^/]+)$/.exec(written) ?? [];
  if (application !== undefined && environment !== undefined && profile !== undefined) {
    return remote(written, async () => {
      const { readAppConfig } = await import('./appconfig-allowlist.ts');
      return await readAppConfig(application, environment, profile, patience);
    });
  }
  if (written.startsWith('appconfig:')) {
    throw new AllowlistError(`the allowlist is ${written}: write appconfig:APPLICATION/ENVIRONMENT/PROFILE`);
  }
  return undefined;
}

/** What the SDK lacks to make any call, and how to give it that; of any other error what AWS says. */
function explainFetch({ message }: Error): string {
  if (/Region is missing/.test(message)) return 'there is no region: set AWS_REGION';
  if (!/Could not load credentials/.test(message)) return message;
  return 'AWS credentials: there are none: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
}

/** @param fetchIt gives its text, if the service decodes it, or its bytes. */
function remote(
  name: string,
  fetchIt: () => Promise<string | Uint8Array | undefined>,
): () => Promise<LocatedAllowlist> {
  return async () => {
    let written: string | Uint8Array | undefined;
    try {
      written = await fetchIt();
    } catch (error) {
      throw new AllowlistError(`the allowlist ${name} cannot be read: ${explainFetch(error as Error)}`, [], {
        cause: error,
      });
    }
    if (written === undefined) throw new AllowlistError(`the allowlist ${name} cannot be read: there is none`);
    const { parseAllowlistText, refuseReplaced } = await import('./parse-allowlist-text.ts');
    if (typeof written === 'string') refuseReplaced(written, name);
    return parseAllowlistText(written, name);
  };
}
