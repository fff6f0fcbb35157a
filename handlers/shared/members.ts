import type { AwsCredentialIdentity } from '@smithy/types';
import type { Context } from 'aws-lambda';
import type { HowToConnect } from '../../src/aws/kept.ts';
import type { MemberSessions } from '../../src/aws/sts/member-sessions.ts';
import type { Guards } from '../../src/enforcement/guards.ts';
import { hereOf } from './here.ts';
import { readExcludedAccounts, readOrganization, readReadRole, readRevokeRole } from './organization-settings.ts';
import type { ReadPolicy } from './policy.ts';

/** The accounts whose events a function handles: its own, and those of the organization if the settings name one. */
export interface Members {
  /** How clients are made: with the function's own credentials in its own account, and with sessions of member roles in others. */
  readonly how: HowToConnect;
  /** Begins an invocation, and says whose events it handles. */
  begin(event: unknown, context: Context, eventId: string | undefined): Guards;
  /** Takes a new session for the next try of an event that failed: the one that is kept may be what it failed of. */
  forget(event: unknown): void;
  /**
   * A policy with what its allowlist asks of an account: where it is in the organization. Makes a call only if a rule asks; it ends when
   * `timeUp` is aborted.
   */
  withAccountPath<Policy extends Pick<ReadPolicy, 'allowlist'>>(
    policy: Policy,
    account: string | undefined,
    timeUp: AbortSignal,
  ): Promise<Policy>;
}

/** Made once for each process, so that sessions are kept from event to event. */
export function membersOfOrganization(): Members {
  let [own, eventId] = [{ account: '', region: '' }, ''];
  let sessions: Promise<MemberSessions> | undefined;
  let pathOf: ((account: string, timeUp: AbortSignal) => Promise<readonly string[]>) | undefined;
  // Loaded for the first event of another account: no other needs STS.
  const load = async (): Promise<MemberSessions> => {
    const { memberSessions } = await import('../../src/aws/sts/member-sessions.ts');
    const { region } = own;
    const [readRole, revokeRole] = [readReadRole(process.env), readRevokeRole(process.env)];
    return memberSessions({ region, readRole, revokeRole, purpose: () => eventId });
  };
  const loaded = (): Promise<MemberSessions> => {
    sessions ??= load();
    return sessions;
  };
  const credentialsOf = async (account: string): Promise<AwsCredentialIdentity> => {
    const credentials = await (await loaded()).read(account)();
    // A client of the SDK keeps credentials until they expire, and would never ask for the session after one that was forgotten.
    return { ...credentials, expiration: new Date(0) };
  };
  const isOwn = (account: string): boolean => readOrganization(process.env) === undefined || account === own.account;
  return {
    how: {
      credentialsFor: ({ account }) => (isOwn(account) ? undefined : () => credentialsOf(account)),
      revokingCredentialsFor: (place, target) =>
        isOwn(place.account) ? undefined : async () => (await loaded()).revoke(place, target)(),
    },
    begin(event, context, id) {
      [own, eventId] = [hereOf(context), id ?? ''];
      const guards = { guardedAccount: own.account || undefined };
      if (readOrganization(process.env) === undefined) return guards;
      const envelopeAccount = envelopeAccountOf(event);
      return { ...guards, organization: { excludedAccounts: readExcludedAccounts(process.env), envelopeAccount } };
    },
    forget(event) {
      void sessions?.then((made) => made.forget(String(envelopeAccountOf(event))));
    },
    async withAccountPath(policy, account, timeUp) {
      const { allowlist } = policy;
      if (account === undefined || !allowlist.asksForAccountPaths || readOrganization(process.env) === undefined) {
        return policy;
      }
      if (pathOf === undefined) {
        const { accountPathReader } = await import('../../src/aws/organizations/account-path.ts');
        pathOf = accountPathReader(own.region);
      }
      const path = await pathOf(account, timeUp);
      return { ...policy, allowlist: allowlist.withAccountPaths(new Map([[account, path]])) };
    },
  };
}

function envelopeAccountOf(event: unknown): unknown {
  return (event as { account?: unknown } | null)?.account;
}
