import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { DeployedStack } from '../aws/cloudformation/read-stack.ts';
import type { RuleToOpen } from '../aws/ec2/open-rule.ts';
import { quote } from '../policy/quote.ts';
import { isSecurityGroupId } from '../policy/vpc/names.ts';
import type { ListedCache } from '../policy/vpc/security-group-rule.ts';
import { duration, instant, list } from '../report/wording.ts';
import { asker } from './ask.ts';
import {
  findStack,
  outputOf,
  type StackOptions,
  stackRegion,
  stackRegionOption,
  stageOption,
} from './deployed-stack.ts';
import { revokeForSure, type Seen, type SeenDecision, watchRule } from './drill-watch.ts';
import { report } from './finish-first.ts';
import { CommandError, EXIT, type Io } from './io.ts';
import { oneLine } from './one-line.ts';
import { wholeNumber } from './options.ts';

interface DrillOptions extends StackOptions {
  readonly port?: number;
  readonly timeout: number;
  readonly yes: boolean;
}

/** One address of TEST-NET-1, which is for documentation: no one has it (RFC 5737). */
const CIDR = '192.0.2.1/32';
/** How long EC2 has to take the rule away in the end. */
const TAKE_AWAY_MS = 60_000;

/** `ingress-guard drill`: does what is deployed see a new rule? */
export function drillCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('drill')
    .description(`open a cache to ${CIDR}, an address that no one has, and check that Ingress Guard revokes it`)
    .argument('<security-group>', 'the id of a security group that guards a cache: sg-…')
    .addOption(stackRegionOption(io))
    .addOption(stageOption())
    .option(
      '--port <n>',
      'the port to open (default: the first port of a cache behind the group)',
      wholeNumber(1, 65_535),
    )
    .option('--timeout <seconds>', 'how long to wait for Ingress Guard', wholeNumber(1, 86_400), 900)
    .option('--yes', 'do not ask before the rule is opened', false)
    .addHelpText(
      'after',
      `
In mode enforce it waits until the rule is revoked, in report-only until the function reports that it would revoke it. It takes its rule away
itself if nothing else did, also on Ctrl-C, and touches no other rule.
Exit code: 0 the rule was seen and decided as it should be, 1 it was not, or the drill could not run.

Example:
  $ ingress-guard drill sg-0123456789abcdef0`,
    )
    .action(async (group: string, options: DrillOptions) => exit(await drill(group, options, io)));
}

type Ec2 = typeof import('../aws/ec2/open-rule.ts') & typeof import('../aws/ec2/calls.ts');
type Client = ReturnType<Ec2['ec2Client']>;

async function drill(group: string, options: DrillOptions, io: Io): Promise<number> {
  if (!isSecurityGroupId(group)) throw new CommandError(`${quote(group)} is not the id of a security group: sg-…`);
  if (!options.yes && !io.stdin.isTTY) {
    throw new CommandError('drill asks first, and no one is at a terminal: add --yes');
  }
  const region = stackRegion(options);
  const stack = await findStack(options, io.interrupted);
  const logGroup = outputOf(stack, 'EnforceSecurityGroupLogGroupName');
  const { port, caches } = await chooseTarget(group, options.port, region, stack);
  const question = `Open tcp port ${port} of ${group}, which guards ${list(caches, 'and')}, to ${CIDR} in ${region}?`;
  if (!options.yes) {
    using questions = asker(io);
    if (!(await questions.ask(question))) throw new CommandError('nothing was opened');
  }
  const ec2: Ec2 = { ...(await import('../aws/ec2/open-rule.ts')), ...(await import('../aws/ec2/calls.ts')) };
  const { logsAt } = await import('../aws/cloudwatch-logs/filter-log-events.ts');
  const client = ec2.ec2Client({ region });
  const logs = logsAt({ region });
  const rule = { securityGroupId: group, port, cidr: CIDR, description: `ingress-guard drill ${randomUUID()}` };
  // From here to the end the rule may be there: a first Ctrl-C ends the waiting, and what follows takes it away.
  using _ = waitNoLonger(io);
  try {
    if (io.interrupted.aborted) throw new CommandError('nothing was opened');
    const openedAt = new Date();
    const ids = { securityGroupId: group, securityGroupRuleId: await open(ec2, client, rule, region) };
    const isListed = async (signal: AbortSignal) => (await ec2.readRuleStatus(client, ids, signal)) === 'listed';
    const timeUp = AbortSignal.any([AbortSignal.timeout(options.timeout * 1000), io.interrupted]);
    let seen: Seen = { problems: [] };
    let isGone = false;
    try {
      await report(io, `opened: tcp port ${port} of ${group} to ${CIDR}, as ${ids.securityGroupRuleId}`);
      io.stderr.write(`If this is killed, take it away: ${byHand(ids, region)}\n`);
      seen = await watchRule({ logs, logGroup, ruleId: ids.securityGroupRuleId, openedAt, isListed }, timeUp);
      await report(io, describe(seen));
    } finally {
      isGone = await takeAway(ec2, client, ids, rule, { region, isKnownGone: isRevoked(seen) }, io);
    }
    const problem = io.interrupted.aborted ? 'ended early: nothing is proved' : findProblem(seen, options, logGroup);
    if (problem !== undefined) io.stderr.write(`ingress-guard: ${problem}\n`);
    return isGone && problem === undefined ? EXIT.done : EXIT.failed;
  } finally {
    client.destroy();
    logs.close();
  }
}

interface Ids {
  readonly securityGroupId: string;
  readonly securityGroupRuleId: string;
}

function byHand({ securityGroupId, securityGroupRuleId }: Ids, region: string): string {
  return `aws ec2 revoke-security-group-ingress --region ${region} --group-id ${securityGroupId} --security-group-rule-ids ${securityGroupRuleId}`;
}

/** Ctrl-C ends no process in which a rule may have to be taken away. A second one does. */
function waitNoLonger({ interrupted, stderr }: Io): Disposable {
  const listen = (): void => {
    stderr.write('ingress-guard: ending: the rule is taken away. Ctrl-C again ends it at once\n');
  };
  interrupted.addEventListener('abort', listen, { once: true });
  return { [Symbol.dispose]: () => interrupted.removeEventListener('abort', listen) };
}

/**
 * The port to open, and the caches behind the group that listen on it.
 *
 * @throws {CommandError} if there is none: then no one would be expected to take the rule away.
 */
async function chooseTarget(group: string, port: number | undefined, region: string, { outputs }: DeployedStack) {
  const account = outputs.AlertTopicArn?.split(':')[4] ?? '';
  const { connector } = await import('../aws/connect.ts');
  let listed: readonly ListedCache[];
  try {
    listed = await connector()({ account, region }).listCaches();
  } catch (error) {
    throw new CommandError(`ElastiCache in ${region} did not list the caches. ${explain(error)}`, { cause: error });
  }
  const guarded = listed.filter(({ securityGroupIds }) => securityGroupIds.includes(group));
  const ports = [...new Set(guarded.flatMap((cache) => cache.ports))].toSorted((one, other) => one - other);
  const chosen = port ?? ports[0];
  if (chosen === undefined) {
    const why = guarded.length === 0 ? 'guards no cache' : 'guards no cache that listens on a port yet';
    throw new CommandError(`${group} ${why} in ${region}: name a security group of a cache. Nothing was opened`);
  }
  const behind = guarded.filter((cache) => cache.ports.includes(chosen));
  if (behind.length === 0) {
    throw new CommandError(
      `no cache behind ${group} listens on port ${chosen}: choose ${list(ports.map(String), 'or')}. Nothing was opened`,
    );
  }
  return { port: chosen, caches: [...new Set(behind.map(({ cacheName }) => oneLine(cacheName, 60)))] };
}

/** @throws {CommandError} that says whether the rule may be there. */
async function open(ec2: Ec2, client: Client, rule: RuleToOpen, region: string): Promise<string> {
  try {
    return await ec2.openRule(client, rule);
  } catch (error) {
    const { securityGroupId, description } = rule;
    if (error instanceof ec2.RuleThereError) {
      const what = `${securityGroupId} has a rule for ${CIDR} and this port already, which is not of this drill`;
      throw new CommandError(`${what}: revoke it, or choose another --port. Nothing was opened`, { cause: error });
    }
    if (error instanceof ec2.UnknownRuleError) {
      const look = `aws ec2 describe-security-group-rules --region ${region} --filters Name=group-id,Values=${securityGroupId}`;
      const what = `THE RULE MAY BE THERE: ${explain(error)}. Look for "${description}" and revoke it: ${look}`;
      throw new CommandError(what, { cause: error });
    }
    throw new CommandError(`EC2 did not open the port. ${explain(error)}. Nothing was opened`, { cause: error });
  }
}

/** Revokes the rule of the drill, by its id, unless someone made another rule of it. @returns whether it is gone. */
async function takeAway(
  ec2: Ec2,
  client: Client,
  ids: Ids,
  opened: RuleToOpen,
  { region, isKnownGone }: { readonly region: string; readonly isKnownGone: boolean },
  io: Io,
): Promise<boolean> {
  // Where EC2 does not say, the rule must not stay open for that.
  if (await ec2.isRuleEdited(client, ids.securityGroupRuleId, opened).catch(() => false)) {
    const what = `THE RULE WAS EDITED: ${ids.securityGroupRuleId} is not as this drill opened it, and was not revoked`;
    io.stderr.write(`ingress-guard: ${what}. If no one needs it, run: ${byHand(ids, region)}\n`);
    return false;
  }
  try {
    const revoke = () => ec2.revokeSecurityGroupRule(client, ids, new Date(Date.now() + TAKE_AWAY_MS));
    const result = await revokeForSure(revoke, isKnownGone);
    await report(io, result === 'revoked' ? 'taken away: by this drill' : 'gone: nothing is left of the rule');
    return true;
  } catch (error) {
    const what = `THE RULE IS STILL THERE: ${ids.securityGroupRuleId} could not be revoked. ${explain(error)}`;
    io.stderr.write(`ingress-guard: ${what}. Run: ${byHand(ids, region)}\n`);
    return false;
  }
}

function isRevoked({ decision, isListed }: Seen): boolean {
  return decision?.outcome === 'revoked' || (decision?.isCalled === true && isListed === false);
}

/** The times are AWS's alone, so that it does not matter how this machine's clock goes. */
function describe({ decision }: Seen): string {
  if (decision === undefined) return 'not seen: the log has no decision about the rule';
  const { outcome, eventTime, startedAt, decidedAt } = decision;
  const between = (from: Date | undefined, to: Date | undefined): string =>
    from === undefined || to === undefined ? 'not known' : duration(Math.max(0, to.getTime() - from.getTime()));
  const called = eventTime === undefined ? 'an unknown time' : instant(eventTime.toISOString());
  return [
    `${outcome}: ${between(eventTime, decidedAt)} after the call of ${called}`,
    `  CloudTrail and EventBridge: ${between(eventTime, startedAt)}, from the call to the start of the function`,
    `  Ingress Guard: ${between(startedAt, decidedAt)}, from the start of the function to its decision`,
  ].join('\n');
}

/** What is not as it should be; `undefined` if all is. */
function findProblem({ decision, ...seen }: Seen, { timeout }: DrillOptions, logGroup: string): string | undefined {
  const problems = seen.problems.map((one) => oneLine(one, 400)).join('. ');
  if (decision !== undefined) return findProblemOf(decision, seen.isListed, problems);
  if (problems !== '') return `${problems}. So it is not known what was seen`;
  if (seen.isListed === false) return 'the rule is gone, and the log has no decision about it: who took it away?';
  if (seen.starts === undefined)
    return `the log ${logGroup} could not be read in the end: it is not known what was seen`;
  if (seen.starts === 0) {
    const what = `within ${timeout} s the function was not started: CloudTrail or EventBridge brought no event`;
    return `${what}. Run ingress-guard doctor`;
  }
  const started = `the function was started ${seen.starts} times, for this event or others`;
  return `${started}, and wrote no decision about the rule. Read its log ${logGroup}, and run ingress-guard doctor`;
}

function findProblemOf(
  { outcome, problem, isCalled }: SeenDecision,
  isListed: boolean | undefined,
  problems: string,
): string | undefined {
  if (outcome === 'would-revoke') return undefined;
  if (outcome === 'revoked' || (outcome === 'already-gone' && isCalled)) {
    if (isListed === false) return undefined;
    const what = isListed ? 'still lists it' : `does not say that it is gone. ${problems}`;
    return `the function revoked the rule, and EC2 ${what}`;
  }
  if (outcome === 'already-gone') return 'the function found the rule gone: who took it away?';
  if (outcome === 'allowed') {
    return `the allowlist in force allows ${CIDR}, so nothing is proved: narrow the allowlist rule, or name another group`;
  }
  return `the function saw the rule and did not revoke it: ${oneLine(problem ?? outcome, 400)}`;
}

/** What AWS answered can repeat what anyone wrote. */
function explain(error: unknown): string {
  const { name, message } = error as Error;
  return oneLine(`${name}: ${message}`, 400);
}
