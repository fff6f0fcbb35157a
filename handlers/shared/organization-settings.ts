import { quote } from '../../src/policy/quote.ts';
import { isAccountId } from '../../src/policy/written.ts';
import { readCount, SettingsError } from './settings.ts';

/** How many revocations a run makes in all accounts together at most, if no one says otherwise. */
const DEFAULT_MAX_REVOCATIONS_PER_RUN = 50;

/** `INGRESS_GUARD_ORGANIZATION`: the id of the organization whose accounts are guarded; `undefined` for the stack's own account alone. */
export function readOrganization({ INGRESS_GUARD_ORGANIZATION }: NodeJS.ProcessEnv): string | undefined {
  return INGRESS_GUARD_ORGANIZATION || undefined;
}

/** `INGRESS_GUARD_ORGANIZATIONAL_UNITS`: ids of units and roots, separated by commas. */
export function readOrganizationalUnits({ INGRESS_GUARD_ORGANIZATIONAL_UNITS }: NodeJS.ProcessEnv): string[] {
  return splitList(INGRESS_GUARD_ORGANIZATIONAL_UNITS);
}

/** `INGRESS_GUARD_EXCLUDED_ACCOUNTS`: ids of accounts that are not guarded, separated by commas. */
export function readExcludedAccounts({ INGRESS_GUARD_EXCLUDED_ACCOUNTS }: NodeJS.ProcessEnv): string[] {
  const accounts = splitList(INGRESS_GUARD_EXCLUDED_ACCOUNTS);
  const wrong = accounts.find((one) => !isAccountId(one));
  if (wrong === undefined) return accounts;
  throw new SettingsError(`INGRESS_GUARD_EXCLUDED_ACCOUNTS names ${quote(wrong)}: write ids of 12 digits, with commas`);
}

/** `INGRESS_GUARD_READ_ROLE`: the name of the role that looks in member accounts. */
export function readReadRole(environment: NodeJS.ProcessEnv): string {
  return readRequired('INGRESS_GUARD_READ_ROLE', environment);
}

/** `INGRESS_GUARD_REVOKE_ROLE`: the name of the role that revokes there; `undefined` where none may. */
export function readRevokeRole({ INGRESS_GUARD_REVOKE_ROLE }: NodeJS.ProcessEnv): string | undefined {
  return INGRESS_GUARD_REVOKE_ROLE || undefined;
}

/** `INGRESS_GUARD_FINDINGS_ROLE`: the name of the role that imports findings into Security Hub of a member. */
export function readFindingsRole(environment: NodeJS.ProcessEnv): string {
  return readRequired('INGRESS_GUARD_FINDINGS_ROLE', environment);
}

/** `INGRESS_GUARD_RUNS_BUCKET`: the bucket in which the functions of a run store what each leaves for the others. */
export function readRunsBucket(environment: NodeJS.ProcessEnv): string {
  return readRequired('INGRESS_GUARD_RUNS_BUCKET', environment);
}

/** `INGRESS_GUARD_MAX_REVOCATIONS_PER_RUN`: if more is due in all accounts together, a run revokes nothing. 50 if it is not set. */
export function readMaxRevocationsPerRun(environment: NodeJS.ProcessEnv): number {
  const name = 'INGRESS_GUARD_MAX_REVOCATIONS_PER_RUN';
  return readCount(name, environment[name], DEFAULT_MAX_REVOCATIONS_PER_RUN);
}

/** `INGRESS_GUARD_SPOKE_PATTERN` and `INGRESS_GUARD_HUB_BUS`: what the rule of each member is like. */
export function readExpectedRule(environment: NodeJS.ProcessEnv): {
  readonly pattern: string;
  readonly target: string;
} {
  return {
    pattern: readRequired('INGRESS_GUARD_SPOKE_PATTERN', environment),
    target: readRequired('INGRESS_GUARD_HUB_BUS', environment),
  };
}

/** `INGRESS_GUARD_STACK_SET`: the name of the StackSet of the members; `undefined` if there is none. */
export function readStackSet({ INGRESS_GUARD_STACK_SET }: NodeJS.ProcessEnv): string | undefined {
  return INGRESS_GUARD_STACK_SET || undefined;
}

function readRequired(name: string, environment: NodeJS.ProcessEnv): string {
  const value = environment[name];
  if (!value) throw new SettingsError(`${name} is not set: deploy the stack again with the setting organization`);
  return value;
}

/** Each once. */
function splitList(written = ''): string[] {
  return [...new Set(written.split(',').map((one) => one.trim()))].filter((one) => one !== '');
}
