import { duration, instant } from '../report/wording.ts';
import { isDeployed } from './deployed-stack.ts';
import type { Io } from './io.ts';
import { oneLine } from './one-line.ts';
import { painter } from './paint.ts';
import type { Status, Values } from './status-read.ts';

/** How much of a text is shown, in characters. */
const LONGEST = 300;
/** How many grants are shown. `--format json` has all. */
const MOST_GRANTS = 50;

/** A status, for a person. */
export function statusText(status: Status, io: Io): string {
  const paint = painter(io);
  const { stack, account, region, from, to, unknown } = status;
  const sections = [
    `${paint('bold', stack.name)}, account ${account}, ${region}: ${stack.status}${isDeployed(stack.status) ? '' : `: ${RUN_DOCTOR}`}`,
    [
      row('mode', valuesText(status.modes)),
      row('allowlist', valuesText(status.allowlists, 'the packaged one')),
      row('audits of', valuesText(status.regions)),
    ].join('\n'),
    [
      `From ${instant(from.toISOString())} to ${instant(to.toISOString())}`,
      row('heartbeats', heartbeatsText(status)),
      row('audits', auditsText(status)),
      row('new grants', outcomesText(status)),
      row('exposure', exposureText(status)),
    ].join('\n'),
    standingText(status),
    alarmsText(status),
    unknown.length > 0 && ['Not known:', ...unknown.map((one) => `  ${oneLine(one, LONGEST)}`)].join('\n'),
  ].filter((one) => one !== false);
  return `${sections.join('\n\n')}\n`;
}

const UNKNOWN = 'not known';
const RUN_DOCTOR = 'run ingress-guard doctor';

function row(name: string, text: string): string {
  return `  ${name.padEnd(11)} ${text}`;
}

/** One value, if all functions have it; else each, and who has it. */
function valuesText(values: Values | undefined, otherwise = 'none'): string {
  if (values === undefined) return UNKNOWN;
  const all = [...values].map(([value, names]) => ({ value: oneLine(value || otherwise, LONGEST), names }));
  if (all.length < 2) return all[0]?.value ?? otherwise;
  return all.map(({ value, names }) => `${value} in ${names.join(', ')}`).join('; ');
}

function heartbeatsText({ signsOfLife }: Status): string {
  if (signsOfLife === undefined) return UNKNOWN;
  const { enforceIngress, enforceSecurityGroup, throughCloudTrail } = signsOfLife;
  const counts = [enforceIngress, enforceSecurityGroup, throughCloudTrail];
  const text = `enforceIngress ${counts[0]}, enforceSecurityGroup ${counts[1]}, through CloudTrail ${counts[2]}`;
  return counts.every((one) => one > 0) ? text : `${text}: ${RUN_DOCTOR}`;
}

function auditsText({ signsOfLife }: Status): string {
  if (signsOfLife === undefined) return UNKNOWN;
  const { audits } = signsOfLife;
  return `${audits} evaluated everything${audits > 0 ? '' : `: ${RUN_DOCTOR}`}`;
}

function outcomesText({ outcomes }: Status): string {
  if (outcomes === undefined) return UNKNOWN;
  return (
    Object.entries(outcomes)
      .map(([outcome, count]) => `${outcome} ${count}`)
      .join(', ') || 'no new grant'
  );
}

function exposureText({ decided, unknown }: Status): string {
  if (decided === undefined) return UNKNOWN;
  const { exposure } = decided;
  if (exposure === undefined) return areLogsRead(unknown) ? 'no new grant was revoked' : UNKNOWN;
  const { grants, p50, p99 } = exposure;
  return `p50 ${duration(p50)}, p99 ${duration(p99)}, of ${grants} revoked`;
}

/** Whether all that the logs say was read. */
function areLogsRead(unknown: readonly string[]): boolean {
  return unknown.every((one) => !one.startsWith('the log'));
}

function standingText({ decided, unknown }: Status): string {
  if (decided === undefined) return `Held, failed or rejected: ${UNKNOWN}`;
  const { standing } = decided;
  if (standing.length === 0) return `Held, failed or rejected: ${areLogsRead(unknown) ? 'none' : UNKNOWN}`;
  const shown = standing
    .slice(0, MOST_GRANTS)
    .flatMap(({ outcome, what, why, times, last }) => [
      `  ${outcome.padEnd(8)} ${oneLine(what, LONGEST)}`,
      `           ${oneLine(why, LONGEST)} (${times} ×, last ${instant(last.toISOString())})`,
    ]);
  const more = standing.length - MOST_GRANTS;
  return [
    'Held, failed or rejected, by the last decision about each:',
    ...shown,
    ...(more > 0 ? [`  and ${more} more: --format json has all`] : []),
  ].join('\n');
}

function alarmsText({ alarms }: Status): string {
  if (alarms === undefined) return `Alarms: ${UNKNOWN}`;
  const { on, all, withoutData } = alarms;
  const ofAll = `of ${all}${withoutData > 0 ? `, ${withoutData} without data` : ''}`;
  if (on.length === 0) return `Alarms: none is on, ${ofAll}`;
  const lines = on.map(({ name, since, reason }) => {
    const when = since === undefined ? '' : ` since ${instant(since.toISOString())}`;
    return `  ${oneLine(name, 120)}${when}: ${oneLine(reason, LONGEST)}`;
  });
  return [`Alarms that are on (${on.length} ${ofAll}):`, ...lines].join('\n');
}
