import { readTrails } from '../../aws/cloudtrail/read-trails.ts';
import { type Check, ok, unknown, wrong } from './check.ts';
import type { Deployment } from './deployment.ts';

const CHECK = 'trail';
/** The services whose calls the rules wait for. */
const SOURCES = ['ec2.amazonaws.com', 'elasticache.amazonaws.com'];

/** Whether a trail gives EventBridge the calls that the rules wait for: without one, nothing ever comes, and no alarm says so. */
export async function checkTrail({ region }: Deployment): Promise<readonly Check[]> {
  const trails = await readTrails({ region }, SOURCES);
  const read = trails.flatMap((trail) => ('error' in trail ? [] : [trail]));
  const good = read.find(({ isLogging, leavesOut }) => isLogging && leavesOut.length === 0);
  if (good !== undefined) return [ok(CHECK, `${good.name} logs write management events in ${region}`)];
  // Any of these may be the one.
  const unread = trails.flatMap((trail) =>
    'error' in trail ? [unknown(CHECK, `trail ${trail.name}`, trail.error)] : [],
  );
  if (unread.length > 0) return unread;
  const [stopped] = read.filter(({ leavesOut }) => leavesOut.length === 0);
  if (stopped !== undefined) {
    return [
      wrong(
        CHECK,
        `${stopped.name} is not logging: EventBridge gets no calls in ${region}`,
        `aws cloudtrail start-logging --name ${stopped.arn} --region ${stopped.arn.split(':')[3]}`,
      ),
    ];
  }
  const [partial] = read;
  if (partial !== undefined) {
    return [
      wrong(
        CHECK,
        `${partial.name} does not log write management events of ${partial.leavesOut.join(' and ')}: EventBridge gets none`,
        `aws cloudtrail put-event-selectors --trail-name ${partial.arn} --region ${partial.arn.split(':')[3]} --event-selectors '[{"ReadWriteType":"WriteOnly","IncludeManagementEvents":true}]' (this replaces what it has)`,
      ),
    ];
  }
  return [
    wrong(
      CHECK,
      `no trail logs events in ${region}: EventBridge gets no calls`,
      `aws cloudtrail create-trail --name management-events --is-multi-region-trail --s3-bucket-name BUCKET --region ${region} && aws cloudtrail start-logging --name management-events --region ${region}`,
    ),
  ];
}
