import { randomBytes } from 'node:crypto';
import type { Caller, Role } from '../iam/caller.ts';
import type { Policy } from '../iam/policy.ts';

/** What AssumeRole hands out. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A session, and the credentials that are good for it until they expire. */
export interface IssuedSession {
  readonly caller: Caller;
  readonly credentials: SessionCredentials;
}

/** For how long AWS would still know that credentials have expired is not documented; an hour is ours. */
const REMEMBERED_MS = 3_600_000;

/** The temporary credentials of all accounts. */
export class Sessions {
  readonly #sessions = new Map<string, IssuedSession>();

  /** Makes a session of a role. */
  issue(
    role: Role,
    { name, now, durationMs, policy }: { name: string; now: number; durationMs: number; policy?: Policy | undefined },
  ): IssuedSession {
    this.#forget(now);
    const accessKeyId = `ASIA${idOf(16)}`;
    const { accountId } = role;
    const credentials = {
      accessKeyId,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(96).toString('base64'),
      expiresAt: now + durationMs,
    };
    const session = { role, name, issuedAt: now, expiresAt: credentials.expiresAt, ...(policy && { policy }) };
    const caller: Caller = {
      accountId,
      // Documented: without the role's path.
      arn: `arn:aws:sts::${accountId}:assumed-role/${role.name}/${name}`,
      userId: `${role.id}:${name}`,
      principalArn: role.arn,
      accessKeyId,
      session,
    };
    const issued = { caller, credentials };
    this.#sessions.set(accessKeyId, issued);
    return issued;
  }

  find(accessKeyId: string): IssuedSession | undefined {
    return this.#sessions.get(accessKeyId);
  }

  #forget(now: number): void {
    for (const [accessKeyId, { credentials }] of this.#sessions) {
      if (credentials.expiresAt + REMEMBERED_MS > now) return;
      this.#sessions.delete(accessKeyId);
    }
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function idOf(length: number): string {
  return Array.from(randomBytes(length), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
