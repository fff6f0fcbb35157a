import { setFlagsFromString } from 'node:v8';

/**
 * For commands that make much and keep little: V8 lets the heap for what is new grow with it, and what outlives that by accident fills the
 * old heap until V8 cares. An audit of 200 accounts took 304 MB instead of 463. bench/organization.ts and bench/replay.ts
 * measure the memory.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
