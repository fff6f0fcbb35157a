import type { Faults } from '../../../src/local/faults.ts';

/** What happens to the first event about a security group, or to the first try of the function for it. */
export interface Script {
  /** Whether each revocation takes half a second. */
  readonly isSlow?: true;
  /** Whether the event never comes. */
  readonly isDropped?: true;
  /** When it ends without an answer, in milliseconds. */
  readonly crashAfterMs?: number;
  /** How long it has, in milliseconds. */
  readonly timeoutMs?: number;
}

/** By the id of the security group. */
export type Scripts = Map<string, Script>;

/** What the local AWS multiplies what it draws by, in milliseconds. */
const LONGEST = { 'the crash': 200, 'the time-out': 2_000 };

/** Of the longest delay of an event: by then Describe shows what is new, and the first try does not end for that. */
const DELAY = 0.2;

/** Faults as they are drawn, but for security groups with a script: what people do there comes well, its event once, and the rest is as written. */
export function withScripts(drawn: Faults, scripts: ReadonlyMap<string, Script>): Faults {
  const begun = new Set<string>();
  const find = (subject: string): readonly [string, Script] | undefined =>
    [...scripts].find(([securityGroupId]) => subject.includes(securityGroupId));
  return {
    settings: drawn.settings,
    injected: drawn.injected,
    happens(fault, subject) {
      const found = find(subject);
      if (found === undefined) return drawn.happens(fault, subject);
      const [securityGroupId, { isSlow, isDropped, crashAfterMs, timeoutMs }] = found;
      if (isSlow && subject.startsWith('RevokeSecurityGroupIngress ') && fault === 'slow') return true;
      if (/^(Describe|Revoke)/.test(subject)) return drawn.happens(fault, subject);
      if (fault === 'delayEvent') return true;
      const isScripted = { crash: crashAfterMs !== undefined, timeOut: timeoutMs !== undefined, dropEvent: isDropped };
      if (isScripted[fault as keyof typeof isScripted]) {
        const isFirst = !begun.has(securityGroupId);
        begun.add(securityGroupId);
        return isFirst;
      }
      return false;
    },
    draw(what, subject) {
      const { crashAfterMs, timeoutMs } = find(subject)?.[1] ?? {};
      if (what === 'the delay' && find(subject) !== undefined) return DELAY;
      if (what === 'the crash' && crashAfterMs !== undefined) return crashAfterMs / LONGEST[what];
      if (what === 'the time-out' && timeoutMs !== undefined) return timeoutMs / LONGEST[what];
      return drawn.draw(what, subject);
    },
  };
}
