import type { AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import { partitionOf } from '../../policy/partition.ts';
import type { Place } from '../../policy/place.ts';
import { isAccountId } from '../../policy/written.ts';
import { type AroundEachTry, prepareClient, RETRYING } from '../clients.ts';
import type { RevocationTarget } from '../kept.ts';
import { explainFailure, FailureWithReason, isDenied } from '../why-not-judged.ts';

/** Which roles are assumed, and how. */
export interface HowToAssume {
  /** The region of the hub. STS is asked at its endpoint: credentials of the global one are not good everywhere. */
  readonly region: string;
  /** The name of the role that may look, with its path if it has one. */
  readonly readRole: string;
  /** The name of the role that may revoke; not there if no one may. */
  readonly revokeRole?: string | undefined;
  /** What the sessions are for: the id of an event, or of a run. The CloudTrail of the member has it. */
  readonly purpose: () => string;
  readonly aroundEachTry?: AroundEachTry;
  /** Aborted when every call must have ended. Not there for sessions that outlive one piece of work. */
  readonly timeUp?: AbortSignal;
  readonly now?: () => Date;
}

/** Sessions in member accounts. */
export interface MemberSessions {
  /** The credentials to look with, in one account. Kept for 15 minutes. */
  read(account: string): AwsCredentialIdentityProvider;
  /** Takes a new session in an account the next time: one can be of no use before it expires, when its role was made again. */
  forget(account: string): void;
  /** Credentials for one revocation: a session that nothing else uses, and that may do nothing else. */
  revoke(place: Place, target: RevocationTarget): AwsCredentialIdentityProvider;
}

/** A session in a member account could not be had. */
export class MemberSessionError extends FailureWithReason {
  override name = 'MemberSessionError';
}

/** The shortest that there is (STS API Reference, AssumeRole). */
const SECONDS = 900;
const RENEWED_BEFORE_MS = 60_000;
const MOST_KEPT = 100;
/** Session policies may have so many characters (STS API Reference, AssumeRole, Policy). */
const LONGEST_POLICY = 2048;

interface KeptSession {
  readonly credentials: Promise<AwsCredentialIdentity>;
  renewAt: number;
}

/**
 * Gives credentials in member accounts by AssumeRole: one call an account, however many clients ask at once. What failed is not
 * kept. Sessions of at most 100 accounts are.
 */
export function memberSessions(how: HowToAssume): MemberSessions {
  const { now = () => new Date() } = how;
  const kept = new Map<string, KeptSession>();
  const assume = assumer(how);
  const begin = (account: string): KeptSession => {
    const session: KeptSession = {
      credentials: assume(account, how.readRole),
      renewAt: Number.POSITIVE_INFINITY,
    };
    session.credentials.then(
      ({ expiration }) => {
        session.renewAt = (expiration?.getTime() ?? 0) - RENEWED_BEFORE_MS;
      },
      () => {
        if (kept.get(account) === session) kept.delete(account);
      },
    );
    return session;
  };
  return {
    read: (account) => async () => {
      const known = kept.get(account);
      const session = known !== undefined && now().getTime() < known.renewAt ? known : begin(account);
      // The one that was used last goes to the end.
      kept.delete(account);
      kept.set(account, session);
      const [oldest] = kept.keys();
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
      return await session.credentials;
    },
    forget: (account) => void kept.delete(account),
    revoke: (place, target) => async () => {
      if (how.revokeRole === undefined) {
        throw new MemberSessionError(
          'access-denied',
          'no role that may revoke is set up: the stack is in mode report-only',
        );
      }
      return await assume(place.account, how.revokeRole, policyFor(place, target));
    },
  };
}

type Assume = (account: string, role: string, policy?: string) => Promise<AwsCredentialIdentity>;

function assumer({ region, purpose, aroundEachTry, timeUp }: HowToAssume): Assume {
  let client: Promise<STSClient> | undefined;
  return async (account, role, policy) => {
    // Loaded for the first session: events of the hub's own account need none.
    const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
    client ??= Promise.resolve(
      prepareClient(new STSClient({ ...RETRYING, region }), { AssumeRole: 'Credentials' }, aroundEachTry),
    );
    const input: AssumeRoleCommandInput = {
      RoleArn: `arn:${partitionOf(region)}:iam::${account}:role/${role}`,
      RoleSessionName: sessionNameOf(purpose()),
      DurationSeconds: SECONDS,
      ...(policy !== undefined && { Policy: policy }),
    };
    try {
      const command = new AssumeRoleCommand(input);
      const { Credentials, AssumedRoleUser } = await (await client).send(command, {
        ...(timeUp && { abortSignal: timeUp }),
      });
      refuseOther(AssumedRoleUser?.Arn, account);
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
      if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
        throw new Error('the answer of STS has no credentials');
      }
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiration: Expiration,
      };
    } catch (error) {
      throw explain(error, account, role);
    }
  };
}

/** What is found with another account's credentials would be reported as this one's. */
function refuseOther(arn: string | undefined, account: string): void {
  const [, , , , given] = arn?.split(':') ?? [];
  if (given === undefined || given === account) return;
  const whose = isAccountId(given) ? `account ${given}` : 'another account';
  throw new Error(`STS gave credentials of ${whose}. Check the endpoint and every proxy on the way to it`);
}

/** What a role session name may have (STS API Reference, AssumeRole). An event's id is what someone wrote. */
function sessionNameOf(purpose: string): string {
  return `ingress-guard-${purpose}`.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64);
}

/**
 * What a session for one revocation may do. EC2 takes the one security group. Whether ElastiCache's Revoke takes a resource, AWS says
 * in two ways (ElastiCache User Guide, API permissions; Service Authorization Reference), so only the region narrows it there. A
 * Describe says whether a grant is there still when ElastiCache is busy.
 */
function policyFor({ account, region }: Place, target: RevocationTarget): string {
  const [Action, Resource] =
    target.kind === 'securityGroup'
      ? [
          ['ec2:RevokeSecurityGroupIngress'],
          `arn:${partitionOf(region)}:ec2:${region}:${account}:security-group/${target.securityGroupId}`,
        ]
      : [['elasticache:RevokeCacheSecurityGroupIngress', 'elasticache:DescribeCacheSecurityGroups'], '*'];
  const Condition = { StringEquals: { 'aws:RequestedRegion': region } };
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource, Condition }],
  });
  if (policy.length > LONGEST_POLICY) throw new MemberSessionError('error', 'the session policy is too long');
  return policy;
}

/**
 * STS answers AccessDenied for a role that is not there, that does not trust the hub, or whose use a policy forbids. Its message keeps
 * them apart as far as it does (IAM User Guide, "Troubleshoot access denied error messages").
 */
function explain(error: unknown, account: string, role: string): MemberSessionError {
  const { why, detail } = explainFailure(error);
  const what = `role ${role} of account ${account} could not be assumed: ${detail}`;
  const isTrustOrMissing =
    why === 'access-denied' && isDenied(error) && !/no identity-based policy allows/.test(error.message);
  return new MemberSessionError(isTrustOrMissing ? 'member-role-missing' : why, what, { cause: error });
}
