import { type AuditPace, auditTries } from '../aws/audit-tries.ts';
import type { Ec2Calls } from './calls-within.ts';

/** The calls to EC2 that an audit makes, in any region, within a rate. */
export interface Ec2AuditCalls extends Ec2Calls {
  /** How many were made so far, by operation, retries included. */
  readonly made: Readonly<Record<string, number>>;
}

/** See `auditTries`. EC2's client is large: it is loaded for the first call, and where no group guards a cache there is none. */
export function ec2AuditCalls(pace: AuditPace): Ec2AuditCalls {
  const tries = auditTries(pace);
  let loading: Promise<Ec2Calls> | undefined;
  const load = (): Promise<Ec2Calls> => {
    loading ??= import('./calls-within.ts').then(({ ec2CallsWithin }) => ec2CallsWithin(tries));
    return loading;
  };
  return {
    made: tries.made,
    async *listRules(region, securityGroupIds) {
      yield* (await load()).listRules(region, securityGroupIds);
    },
    guardsSomethingElse: async (rule) => (await load()).guardsSomethingElse(rule),
    revokeRule: async (rule) => (await load()).revokeRule(rule),
    readRuleStatus: async (grant) => (await load()).readRuleStatus(grant),
  };
}
