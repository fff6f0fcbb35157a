import { lastCounted } from '../../aws/cloudwatch/last-counted.ts';
import { type Check, ok, wrong } from './check.ts';
import { type Deployment, functionsOf } from './deployment.ts';

/** How far back is looked, in hours. */
const HOURS = 24;

/** A metric that comes again and again as long as everything works. */
interface Sign {
  readonly metric: string;
  readonly check: string;
  /** What it is the sign of. */
  readonly of: string;
  /** How old the last may be, in minutes: the alarm for it fires a little later. */
  readonly minutes: number;
  /** What to look at when it stays away: an entry of docs/how-to/alarms.md. */
  readonly alarm: string;
}

const SIGNS: readonly Sign[] = [
  {
    metric: 'Heartbeat',
    check: 'heartbeat',
    of: 'heartbeat of enforceIngress',
    minutes: 35,
    alarm: 'HeartbeatMissingAlarm',
  },
  {
    metric: 'SecurityGroupHeartbeat',
    check: 'heartbeat',
    of: 'heartbeat of enforceSecurityGroup',
    minutes: 35,
    alarm: 'SecurityGroupHeartbeatMissingAlarm',
  },
  // CloudTrail delivers within minutes, and promises no time.
  {
    metric: 'CloudTrailHeartbeat',
    check: 'heartbeat',
    of: 'heartbeat through CloudTrail',
    minutes: 65,
    alarm: 'CloudTrailHeartbeatMissingAlarm',
  },
  // Begins once an hour, and takes up to a quarter of one; in a large organization longer.
  {
    metric: 'AuditFinished',
    check: 'audit',
    of: 'audit that evaluated everything',
    minutes: 125,
    alarm: 'AuditMissingAlarm',
  },
];

/** When the last heartbeats came, and the last audit ended that could evaluate everything. */
export async function checkSignsOfLife(deployment: Deployment, now: Date): Promise<readonly Check[]> {
  const { region } = deployment;
  const last = await lastCounted(
    { region },
    SIGNS.map(({ metric }) => metric),
    HOURS,
    now,
  );
  return SIGNS.map(({ metric, check, of, minutes, alarm }) => {
    const at = last.get(metric);
    const age =
      at === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Math.floor((now.getTime() - at.getTime()) / 60_000));
    if (at !== undefined && age <= minutes) return ok(check, `the last ${of} was at ${at.toISOString().slice(0, 16)}Z`);
    const since = at === undefined ? `in ${HOURS} hours` : `since ${at.toISOString().slice(0, 16)}Z`;
    return wrong(
      check,
      `no ${of} came ${since}`,
      `${logsCommand(deployment, metric)}; more: docs/how-to/alarms.md, ${alarm}`,
    );
  });
}

/** The log of the function that should have counted it. */
function logsCommand(deployment: Deployment, metric: string): string {
  const id =
    {
      Heartbeat: 'EnforceIngress',
      SecurityGroupHeartbeat: 'EnforceSecurityGroup',
      CloudTrailHeartbeat: 'EnforceSecurityGroup',
    }[metric] ?? 'AuditGrants';
  const known = functionsOf(deployment).some((one) => one.id === 'CloseRun') && id === 'AuditGrants' ? 'CloseRun' : id;
  const group = deployment.stack.outputs[`${known}LogGroupName`] ?? '';
  return `aws logs tail ${group} --since 2h --region ${deployment.region}`;
}
