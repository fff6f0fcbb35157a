import { createHash } from 'node:crypto';

/** What goes wrong, and how often: each is a probability from 0 to 1, drawn for each call, event or try of a function. */
export interface FaultRates {
  /** The call is answered `Throttling`; it has no effect. */
  readonly throttle: number;
  /** The call is answered with 500 or 503; it has no effect. */
  readonly serverError: number;
  /** The answer comes `slowMs` later. */
  readonly slow: number;
  /** The connection is cut before the call has its effect. */
  readonly cutBefore: number;
  /** The connection is cut after the call had its effect, so that the caller cannot know. */
  readonly cutAfter: number;
  /** The event never comes. */
  readonly dropEvent: number;
  /** The event comes twice. */
  readonly doubleEvent: number;
  /** The event comes up to `delayMs` later. */
  readonly delayEvent: number;
  /** The event comes after the one that follows it. */
  readonly reorderEvent: number;
  /** The function ends without an answer: within 200 ms, or when its answer comes if that is sooner. */
  readonly crash: number;
  /** The function has only a part of two seconds, in place of its own time. */
  readonly timeOut: number;
}

export interface FaultSettings extends FaultRates {
  /** The same seed draws the same faults for the same call, made for the same time, whatever else is called in between. */
  readonly seed: number;
  readonly slowMs: number;
  readonly delayMs: number;
}

const NO_RATES: FaultRates = {
  throttle: 0,
  serverError: 0,
  slow: 0,
  cutBefore: 0,
  cutAfter: 0,
  dropEvent: 0,
  doubleEvent: 0,
  delayEvent: 0,
  reorderEvent: 0,
  crash: 0,
  timeOut: 0,
};

export const NO_FAULTS: FaultSettings = { ...NO_RATES, seed: 1, slowMs: 1000, delayMs: 1000 };

/** Draws the faults, and counts those it drew. */
export interface Faults {
  readonly settings: FaultSettings;
  readonly injected: Readonly<Record<keyof FaultRates, number>>;
  /** Whether this fault happens now, to a subject: a call, an event or a try, as `subjectOf` names it. */
  happens(fault: keyof FaultRates, subject: string): boolean;
  /** From 0 up to, but not, 1. */
  draw(what: string, subject: string): number;
}

/**
 * What is drawn follows from the seed, from what it is for, from the subject, and from how often it was drawn for that
 * subject before: not from the order of the calls, which is another one each time when calls are made at once.
 *
 * @param onFault is notified of each fault that happens.
 */
export function drawFaults(
  settings: FaultSettings,
  onFault: (fault: keyof FaultRates, subject: string) => void = () => {},
): Faults {
  const drawn = new Map<string, number>();
  const injected: Record<keyof FaultRates, number> = { ...NO_RATES };
  const draw = (what: string, subject: string): number => {
    const key = `${what} ${subject}`;
    const times = (drawn.get(key) ?? 0) + 1;
    drawn.set(key, times);
    return fractionFrom(`${settings.seed} ${times} ${key}`);
  };
  return {
    settings,
    injected,
    draw,
    happens(fault, subject) {
      if (settings[fault] === 0 || draw(fault, subject) >= settings[fault]) return false;
      injected[fault]++;
      onFault(fault, subject);
      return true;
    },
  };
}

/** What a fault happens to: an action or a function, and what it is about. */
export function subjectOf(action: string, about: readonly unknown[]): string {
  return [action, ...about].join(' ');
}

const BYTES = 6;

/** From 0 up to, but not, 1, as if by chance; and the same for the same text. */
export function fractionFrom(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, BYTES) / 256 ** BYTES;
}
