import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** What goes wrong, and how often: each is a probability from 0 to 1, drawn for each call or event. */
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
}

export interface FaultSettings extends FaultRates {
  /** The same seed draws the same faults for the same calls in the same order. */
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
};

export const NO_FAULTS: FaultSettings = { ...NO_RATES, seed: 1, slowMs: 1000, delayMs: 1000 };

/** Draws the faults, and counts those it drew. */
export interface Faults {
  readonly settings: FaultSettings;
  readonly injected: Readonly<Record<keyof FaultRates, number>>;
  /** Whether this fault happens now. */
  happens(fault: keyof FaultRates): boolean;
  /** From 0 up to, but not, 1. */
  draw(): number;
}

export function drawFaults(settings: FaultSettings): Faults {
  const random = xoroshiro128plus(settings.seed);
  const draw = (): number => uniformFloat64(random);
  const injected: Record<keyof FaultRates, number> = { ...NO_RATES };
  return {
    settings,
    injected,
    draw,
    happens(fault) {
      if (settings[fault] === 0 || draw() >= settings[fault]) return false;
      injected[fault]++;
      return true;
    },
  };
}
