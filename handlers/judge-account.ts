import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import { callCounter } from '../src/aws/call-counter.ts';
import { memberAccount } from '../src/aws/member-account.ts';
import { runStore } from '../src/aws/s3/run-store.ts';
import { memberSessions } from '../src/aws/sts/member-sessions.ts';
import { explainFailure } from '../src/aws/why-not-judged.ts';
import { isThrottled, judgeAccount } from '../src/organization/judge-account.ts';
import { lookAtMemberEvents } from '../src/organization/member-events.ts';
import { hereOf } from './shared/here.ts';
import { readExpectedRule, readReadRole, readRunsBucket } from './shared/organization-settings.ts';
import { policyReader } from './shared/policy.ts';
import { RESULT, refuseIfSettled, withAccountPaths } from './shared/run-files.ts';
import { readAccount, readRun } from './shared/run-payload.ts';
import { readMaxRevocations, readMixed, readRegions, readShared } from './shared/settings.ts';
import { ThrottledError } from './shared/throttled-error.ts';
import { timeOf } from './shared/time-of.ts';

const logger = new Logger({ serviceName: 'ingress-guard' });
const metrics = new Metrics({ namespace: 'IngressGuard', serviceName: 'ingress-guard' });
const readPolicy = policyReader(logger, metrics);

/** What the function needs after the last call to the account, to store its result and to return, in milliseconds. */
const RESERVE = 10_000;

/** What stack/spoke.cjs calls the rule and the queue of each member. */
const RULE = 'ingress-guard';
const QUEUE = 'ingress-guard-undelivered';

/** What the state machine keeps of an account. The rest is stored. */
interface JudgedAccount {
  readonly account: string;
  readonly status: 'judged' | 'judged in part';
  readonly due: number;
  readonly held: number;
}

/**
 * Evaluates every grant of one account in all regions, changes nothing, and stores the result. What could not be evaluated is in it.
 * Throws `ThrottledError`, after it has stored what there is, to be invoked again.
 */
export const handler = middy<unknown, JudgedAccount>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event, context) => {
    const [run, account] = [readRun(event), readAccount(event)];
    const time = timeOf(context, RESERVE);
    const { region: homeRegion } = hereOf(context);
    const store = runStore(readRunsBucket(process.env), run);
    const { loaded, ...policy } = await withAccountPaths(await readPolicy(), store, run);
    const counter = callCounter();
    const sessions = memberSessions({
      region: homeRegion,
      readRole: readReadRole(process.env),
      purpose: () => run,
      aroundEachTry: counter.count,
      timeUp: time.timeUp,
    });
    const credentials = sessions.read(account);
    using member = memberAccount({ ...time, account, homeRegion, credentials, counter });
    const expected = readExpectedRule(process.env);
    const ports = {
      readRule: (place: { account: string; region: string }) => member.readRule(place, RULE),
      countUndelivered: (place: { account: string; region: string }) => member.countMessages(place, QUEUE),
    };
    const result = await judgeAccount({
      ...policy,
      ...time,
      ...member,
      run,
      account,
      regions: readRegions(process.env),
      shared: readShared(process.env),
      mixed: readMixed(process.env),
      maxRevocations: readMaxRevocations(process.env),
      eventsAt: (place) => lookAtMemberEvents(place, ports, expected),
      explain: explainFailure,
    });
    await refuseIfSettled(store, run);
    await store.put(RESULT(account), result);
    const notJudged = result.regions.filter(({ status }) => status === 'not-judged');
    logger.info('account', { run, account, due: result.due.length, held: result.held, notJudged });
    if (isThrottled(result)) throw new ThrottledError(`AWS throttled the calls to account ${account} to the end`);
    const status = notJudged.length > 0 ? 'judged in part' : 'judged';
    return { account, status, due: result.due.length, held: result.held };
  });
