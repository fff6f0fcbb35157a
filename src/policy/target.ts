import type { Place } from './place.ts';

/** Why a target of an audit was not evaluated. One list for results, logs and the report. */
export const WHY_NOT_JUDGED = [
  'member-role-missing',
  'denied-by-service-control-policy',
  'access-denied',
  'throttled',
  'no-time-left',
  'region-list-not-readable',
  'in-part',
  'no-result',
  'error',
] as const;
export type WhyNotJudged = (typeof WHY_NOT_JUDGED)[number];

/** Why there is nothing to evaluate at a target. */
export const WHY_NOT_APPLICABLE = ['region-not-enabled', 'account-not-active'] as const;
export type WhyNotApplicable = (typeof WHY_NOT_APPLICABLE)[number];

/** Why the events of a target do not reach the hub, or may not. */
export const WHY_NOT_WATCHED = [
  'rule-disabled',
  'rule-missing',
  'other-pattern',
  'other-target',
  'undelivered-events',
  'queue-missing',
  'stack-instance-not-current',
  'not-readable',
] as const;
export type WhyNotWatched = (typeof WHY_NOT_WATCHED)[number];

/** Whether the events of a target reach the hub. It never makes a target `not-judged`: an audit needs no events. */
export type Events =
  | { readonly status: 'watched' }
  | { readonly status: 'not-watched'; readonly why: WhyNotWatched; readonly detail?: string };

/** What an audit of an organization came to at one target. Every target of the manifest has exactly one. */
export type TargetState =
  | { readonly status: 'judged'; readonly events?: Events }
  | {
      readonly status: 'not-judged';
      readonly why: WhyNotJudged;
      /** What AWS answered, or what is known of it otherwise. */
      readonly detail?: string;
      readonly events?: Events;
    }
  | { readonly status: 'not-applicable'; readonly why: WhyNotApplicable; readonly detail?: string }
  | { readonly status: 'excluded' };

/** One account in one region that an audit of an organization speaks of. */
export type Target = Place & TargetState;

const WORDS: Readonly<Record<WhyNotJudged, string>> = {
  'member-role-missing': 'the member role cannot be assumed: it is missing, or its trust policy does not name the hub',
  'denied-by-service-control-policy': 'a service control policy denies the calls',
  'access-denied': 'access was denied',
  throttled: 'AWS throttled the calls to the end',
  'no-time-left': 'there was no time left',
  'region-list-not-readable': 'the list of enabled regions could not be read',
  'in-part': 'a part of it could not be evaluated',
  'no-result': 'the evaluation of the account left no result',
  error: 'the evaluation failed',
};

/** Why a target was not evaluated, for a person: the reason, and what is known besides. */
export function describeNotJudged(why: WhyNotJudged, detail?: string): string {
  return detail === undefined ? WORDS[why] : `${WORDS[why]} (${detail})`;
}
