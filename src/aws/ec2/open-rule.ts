import { setTimeout as sleep } from 'node:timers/promises';
import {
  AuthorizeSecurityGroupIngressCommand,
  type EC2Client,
  paginateDescribeSecurityGroupRules,
} from '@aws-sdk/client-ec2';
import { pagesToTheEnd } from '../pages.ts';
import { meaningOf } from './api-errors.ts';
import { byGroupId } from './filters.ts';
import { listSecurityGroupRules } from './list-rules.ts';

/** A rule for one TCP port and one range of IPv4. */
export interface RuleToOpen {
  readonly securityGroupId: string;
  readonly port: number;
  readonly cidr: string;
  /** No other rule has it: by it a rule is found whose call had no answer. */
  readonly description: string;
}

/** A rule for this range and port is there already. */
export class RuleThereError extends Error {
  override name = 'RuleThereError';
}

/** It is not known whether the rule was made. */
export class UnknownRuleError extends Error {
  override name = 'UnknownRuleError';
}

/**
 * Makes a rule with AuthorizeSecurityGroupIngress.
 *
 * @returns its id. If the call had no answer, it is looked for by its description with DescribeSecurityGroupRules.
 * @throws {RuleThereError}
 * @throws {UnknownRuleError} if it cannot be said whether the rule is there.
 * @throws what the API answers otherwise, after the SDK's retries: then there is no rule.
 */
export async function openRule(client: EC2Client, rule: RuleToOpen): Promise<string> {
  const { securityGroupId, port, cidr, description } = rule;
  const range = { CidrIp: cidr, Description: description };
  const permission = { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [range] };
  const command = new AuthorizeSecurityGroupIngressCommand({ GroupId: securityGroupId, IpPermissions: [permission] });
  let failure: unknown;
  let isFirstTry = false;
  try {
    const { SecurityGroupRules: [made] = [] } = await client.send(command);
    if (made?.SecurityGroupRuleId !== undefined) return made.SecurityGroupRuleId;
  } catch (error) {
    const { httpStatusCode = 0, attempts = 1 } = (error as FromSdk).$metadata ?? {};
    // The outcome is known of a first try only: an earlier one may have made the rule, and had no answer.
    isFirstTry = attempts === 1 && httpStatusCode >= 400 && httpStatusCode < 500;
    if (isFirstTry && meaningOf(error) !== 'there') throw error;
    failure = error;
  }
  if (isFirstTry) throw new RuleThereError('the group has such a rule already', { cause: failure });
  const found = await findRule(client, rule).catch((error: unknown) => {
    const message = `EC2 does not say whether the rule is there: ${(error as Error).message}`;
    throw new UnknownRuleError(message, { cause: failure ?? error });
  });
  if (found !== undefined) return found;
  throw new UnknownRuleError('EC2 gave no clear answer, and lists no such rule', { cause: failure });
}

/**
 * Whether a rule that was opened allows something else by now: someone edited its port or its source. A rule that is gone is not edited.
 *
 * @throws what DescribeSecurityGroupRules answers, after the SDK's retries.
 */
export async function isRuleEdited(
  client: EC2Client,
  securityGroupRuleId: string,
  opened: RuleToOpen,
): Promise<boolean> {
  for await (const page of listSecurityGroupRules(client, [opened.securityGroupId])) {
    for (const { rule, unreadable } of page) {
      if (unreadable?.securityGroupRuleId === securityGroupRuleId) return true;
      if (rule?.securityGroupRuleId !== securityGroupRuleId) continue;
      const { ipProtocol, fromPort, toPort, source } = rule;
      const isSamePort = ipProtocol === 'tcp' && fromPort === opened.port && toPort === opened.port;
      return !(isSamePort && source.kind === 'cidr' && source.cidr === opened.cidr);
    }
  }
  return false;
}

interface FromSdk {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

/** How often EC2 is asked for the rule, and how long to wait in between: Describe lags behind Authorize. */
const LOOKS = 6;
const PAUSE_MS = 2_000;

async function findRule(client: EC2Client, rule: RuleToOpen): Promise<string | undefined> {
  for (let look = 1; ; look++) {
    const found = await findListed(client, rule);
    if (found !== undefined || look === LOOKS) return found;
    await sleep(PAUSE_MS);
  }
}

async function findListed(
  client: EC2Client,
  { securityGroupId, description }: RuleToOpen,
): Promise<string | undefined> {
  const [filter] = byGroupId([securityGroupId]);
  const input = { Filters: [filter as NonNullable<typeof filter>] };
  const pages = paginateDescribeSecurityGroupRules({ client, pageSize: 1000 }, input);
  for await (const page of pagesToTheEnd(pages, 'SecurityGroupRules', 'NextToken')) {
    const ours = page.find((one) => one.Description === description);
    if (ours?.SecurityGroupRuleId !== undefined) return ours.SecurityGroupRuleId;
  }
  return undefined;
}
