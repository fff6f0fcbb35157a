import type { BusEvent } from './bus-event.ts';
import type { Attempt, DeadLetter } from './lambda.ts';
import type { Misplaced } from './misplaced.ts';
import type { ApiCall } from './service.ts';

/** What the local AWS reports as it happens. */
export interface LocalAwsEvents {
  call: [ApiCall];
  /** An event on the bus: of a call, of a schedule, or put there with `deliver`. */
  event: [BusEvent];
  /** A function begins with an event. */
  invoked: [{ readonly functionName: string; readonly event: BusEvent }];
  /** One try of a function. */
  attempt: [
    {
      readonly functionName: string;
      readonly event: BusEvent;
      readonly requestId: string;
      readonly attempt: Attempt;
      readonly number: number;
    },
  ];
  deadLetter: [DeadLetter];
  /** An event that a rule put on another bus, by the bus's ARN. */
  forwarded: [{ readonly event: BusEvent; readonly busArn: string }];
  /** A call that names what another account, or another region, has. It was refused, or answered as if nothing were there. */
  misplaced: [Misplaced];
  /** A line that a function printed. */
  output: [{ readonly functionName: string; readonly line: string }];
}
