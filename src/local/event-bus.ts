import type { Clock } from './clock.ts';
import type { BusEvent } from './cloudtrail-record.ts';
import type { Faults } from './faults.ts';

/** Carries events as EventBridge promises: at least once, in no order, and sometimes not at all. */
export interface EventCarrier {
  /** Ends when the event has been handed over as often as it will be. */
  carry(event: BusEvent): Promise<void>;
}

/** How long an event is held back at most so that another one overtakes it, in milliseconds. */
const LONGEST_HOLD = 1000;

/** Hands events over with `deliver`, with the faults that were asked for on the way. */
export function eventCarrier(faults: Faults, clock: Clock, deliver: (event: BusEvent) => Promise<void>): EventCarrier {
  let releaseHeld: (() => void) | undefined;

  async function carryOnce(event: BusEvent): Promise<void> {
    if (faults.happens('delayEvent')) await clock.sleep(faults.draw() * faults.settings.delayMs);
    if (faults.happens('reorderEvent')) {
      const overtaken = new Promise<void>((resolve) => {
        releaseHeld = resolve;
      });
      await Promise.race([overtaken, clock.sleep(LONGEST_HOLD)]);
      await deliver(event);
      return;
    }
    const delivered = deliver(event);
    releaseHeld?.();
    releaseHeld = undefined;
    await delivered;
  }

  return {
    async carry(event) {
      if (faults.happens('dropEvent')) return;
      const times = faults.happens('doubleEvent') ? 2 : 1;
      await Promise.all(Array.from({ length: times }, () => carryOnce(event)));
    },
  };
}
