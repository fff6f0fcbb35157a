import { ApiError } from '../../api-error.ts';
import type { Role } from '../../iam/caller.ts';
import { denied } from '../../iam/permission.ts';
import { compilePolicy, type Policy } from '../../iam/policy.ts';
import type { CallContext, Operation } from '../../operation.ts';
import type { Parameters } from '../../parameters.ts';
import { shown } from '../../shown.ts';

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const LONGEST_POLICY = 2048;
const SHORTEST_SECONDS = 900;
const LONGEST_SECONDS = 43_200;
/** Documented: a session that assumes another role has an hour at most ("Role chaining"). */
const LONGEST_CHAINED_SECONDS = 3600;

/**
 * Lends the credentials of a role. Documented: the caller needs the permission, and the role must trust the caller; AWS does not
 * say which of both is missing, nor whether there is such a role.
 */
export const assumeRole: Operation = {
  parameters: ['RoleArn', 'RoleSessionName', 'DurationSeconds', 'Policy', 'ExternalId'],
  readOnly: true,
  resourceOf: (parameters) => parameters.get('RoleArn') ?? '*',
  run(parameters, { name: region }, context) {
    const roleArn = readRoleArn(parameters);
    const name = readSessionName(parameters);
    const seconds = readSeconds(parameters);
    const policy = readPolicy(parameters);
    const role = findTrusting(roleArn, name, parameters.get('ExternalId'), context);
    checkRegion(role, region, context);
    checkSeconds(seconds, role, context);
    const { accounts, now } = context;
    const { caller, credentials } = accounts.sessions.issue(role, { name, now, durationMs: seconds * 1000, policy });
    const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken } = credentials;
    const Expiration = `${new Date(credentials.expiresAt).toISOString().slice(0, 19)}Z`;
    return {
      AssumedRoleUser: { AssumedRoleId: caller.userId, Arn: caller.arn },
      Credentials: { AccessKeyId, SecretAccessKey, SessionToken, Expiration },
      // [inferred]: how AWS packs a policy is not documented.
      ...(policy && { PackedPolicySize: Math.ceil(((parameters.get('Policy')?.length ?? 0) / LONGEST_POLICY) * 100) }),
    };
  },
};

/** The role, if it is there and trusts the caller. */
function findTrusting(arn: string, name: string, externalId: string | undefined, context: CallContext): Role {
  const { accounts, caller } = context;
  const account = accounts.find(/^arn:[\w-]+:iam::(\d{12}):/.exec(arn)?.[1] ?? '');
  const isThere = account !== undefined && accounts.isUsable(account) && account.faults.roleMissing !== true;
  const role = isThere ? account.roles.find(arn) : undefined;
  const answer = role?.trust({
    action: 'sts:AssumeRole',
    resource: arn,
    principal: { accountId: caller.accountId, arn: caller.principalArn },
    context: new Map([
      ...accounts.contextOf(caller),
      ['sts:rolesessionname', name],
      ...(externalId === undefined ? [] : ([['sts:externalid', externalId]] as const)),
    ]),
  });
  if (role !== undefined && answer === 'allow') return role;
  // Seen in public reports: nothing follows the resource.
  throw denied(caller, { action: 'sts:AssumeRole', resource: arn });
}

/** Documented: STS must be activated in the region for the account whose credentials are asked for. */
function checkRegion({ accountId }: Role, region: string, { accounts }: CallContext): void {
  if (accounts.find(accountId)?.hasEnabled(region)) return;
  const message =
    `STS is not activated in this region for account:${accountId}. ` +
    'Your account administrator can activate STS in this region using the IAM Console.';
  throw new ApiError('RegionDisabledException', message, 403);
}

function checkSeconds(seconds: number, { maxSessionSeconds }: Role, { caller }: CallContext): void {
  if (caller.session !== undefined && seconds > LONGEST_CHAINED_SECONDS) {
    const message =
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.';
    throw new ApiError('ValidationError', message);
  }
  if (seconds <= maxSessionSeconds) return;
  const message = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
  throw new ApiError('ValidationError', message);
}

function readRoleArn(parameters: Parameters): string {
  const arn = parameters.get('RoleArn') ?? '';
  if (arn.length < 20 || arn.length > 2048) {
    throw constraint('roleArn', arn, 'Member must have length between 20 and 2048');
  }
  if (!/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn)) {
    throw new ApiError('ValidationError', `${shown(arn)} is invalid`);
  }
  return arn;
}

function readSessionName(parameters: Parameters): string {
  const name = parameters.get('RoleSessionName') ?? '';
  if (name.length < 2 || name.length > 64) {
    throw constraint('roleSessionName', name, 'Member must have length between 2 and 64');
  }
  if (!/^[\w+=,.@-]*$/.test(name)) {
    throw constraint('roleSessionName', name, 'Member must satisfy regular expression pattern: [\\w+=,.@-]*');
  }
  return name;
}

function readSeconds(parameters: Parameters): number {
  const written = parameters.get('DurationSeconds') ?? '3600';
  const seconds = /^\d{1,9}$/.test(written) ? Number(written) : Number.NaN;
  if (seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS) return seconds;
  const bound =
    seconds > LONGEST_SECONDS
      ? `less than or equal to ${LONGEST_SECONDS}`
      : `greater than or equal to ${SHORTEST_SECONDS}`;
  throw constraint('durationSeconds', written, `Member must have value ${bound}`);
}

function readPolicy(parameters: Parameters): Policy | undefined {
  const written = parameters.get('Policy');
  if (written === undefined) return undefined;
  if (written.length > LONGEST_POLICY) {
    throw constraint('policy', written, `Member must have length less than or equal to ${LONGEST_POLICY}`);
  }
  try {
    return compilePolicy(JSON.parse(written));
  } catch (error) {
    const message = `The session policy cannot be used: ${(error as Error).message}`;
    throw new ApiError('MalformedPolicyDocument', message, 400, { cause: error });
  }
}

/** In the words of AWS's services, seen in many public reports. */
function constraint(parameter: string, value: string, why: string): ApiError {
  const what = `Value '${shown(value)}' at '${parameter}' failed to satisfy constraint: ${why}`;
  return new ApiError('ValidationError', `1 validation error detected: ${what}`);
}
