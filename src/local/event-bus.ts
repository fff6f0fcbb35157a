import type { Clock } from './clock.ts';
import { type BusEvent, subjectOfEvent } from './cloudtrail-record.ts';
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
  /** Lets the event go that is held back, if there is one. */
  let release: (() => void) | undefined;

  /** Until another event has overtaken, or for the longest time if none comes. */
  async function holdBack(): Promise<void> {
    let mine: (() => void) | undefined;
    const overtaken = new Promise<void>((resolve) => {
      mine = resolve;
    });
    release = mine;
    await Promise.race([overtaken, clock.sleep(LONGEST_HOLD)]);
    if (release === mine) release = undefined;
  }

  async function carryOnce(event: BusEvent): Promise<void> {
    const subject = subjectOfEvent(event);
    if (faults.happens('delayEvent', subject)) {
      await clock.sleep(faults.draw('the delay', subject) * faults.settings.delayMs);
    }
    if (release === undefined && faults.happens('reorderEvent', subject)) {
      await holdBack();
      await deliver(event);
      return;
    }
    const delivered = deliver(event);
    release?.();
    release = undefined;
    await delivered;
  }

  return {
    async carry(event) {
      const subject = subjectOfEvent(event);
      if (faults.happens('dropEvent', subject)) return;
      const times = faults.happens('doubleEvent', subject) ? 2 : 1;
      await Promise.all(Array.from({ length: times }, () => carryOnce(event)));
    },
  };
}
