// Invokes a function once, in a process of its own: node invoke-once.ts HANDLER < EVENT. At its end it reports the most memory that it had.
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { lambdaContext } from './lambda-context.ts';

const { handler } = await import(process.argv[2] as string);
const event = JSON.parse(await text(process.stdin));
const outcome = await handler(event, lambdaContext({ getRemainingTimeInMillis: () => 3_600_000 }));
// As the operating system counts it, in kilobytes.
const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
console.log(JSON.stringify({ peakMegabytes: peak / 1024, outcome }));
