import type { Connect, PlacePorts } from '../enforcement/ports.ts';
import { type Place, placeKey } from '../policy/place.ts';

/** A connection that remembers what kept a place from being listed. */
export interface NotedErrors {
  readonly connect: Connect;
  /** The first error of a listing at a place. */
  readonly errorAt: (place: Place) => unknown;
}

/** An audit reports errors as texts for people. What one means for a target is said by the error itself. */
export function noteErrors(connect: Connect): NotedErrors {
  const first = new Map<string, unknown>();
  const note = (place: Place, error: unknown): never => {
    if (!first.has(placeKey(place))) first.set(placeKey(place), error);
    throw error;
  };
  async function* noted<Item>(place: Place, items: AsyncIterable<Item>): AsyncGenerator<Item> {
    try {
      yield* items;
    } catch (error) {
      note(place, error);
    }
  }
  return {
    errorAt: (place) => first.get(placeKey(place)),
    connect: (place): PlacePorts => {
      const ports = connect(place);
      return {
        ...ports,
        listGrants: () => noted(place, ports.listGrants()),
        listRules: (securityGroupIds) => noted(place, ports.listRules(securityGroupIds)),
        listCaches: () => ports.listCaches().catch((error: unknown) => note(place, error)),
      };
    },
  };
}
