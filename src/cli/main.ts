#!/usr/bin/env node
// bin/ingress-guard.js starts this. The build makes it executable all the same: npm's cache may have links to it that npx made
// before there was a bin/, and npx goes on using these.
import { getEventListeners } from 'node:events';
import { explainUnreadable } from '../allowlist/explain-unreadable.ts';
import { EXIT } from './io.ts';
import { run } from './run.ts';
import { wholeOutput } from './whole-output.ts';

const interrupted = new AbortController();
// SIGHUP: the terminal was closed, or the connection to it broke.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => {
    // A command that does not wait for it has nothing to tidy up, and ends as any other program.
    if (getEventListeners(interrupted.signal, 'abort').length === 0) process.kill(process.pid, name);
    interrupted.abort();
  });
}
const stdout = wholeOutput(1, () => process.stdout);
const stderr = wholeOutput(2, () => process.stderr);
let isUnwritten = false;
// The command ends as soon as it can, and reports on standard error what it changed. If the reader of our output has seen enough
// (`| head`), or the terminal is gone, it has the exit code that it has anyway: what failed or was not evaluated must not look like
// success because no one reads on. On a full disk it fails.
for (const stream of [stdout, stderr]) {
  stream.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
    interrupted.abort();
    // Writing to someone who is gone: a pipe says EPIPE, a terminal EIO.
    if (['EPIPE', 'ERR_STREAM_DESTROYED'].includes(code) || (code === 'EIO' && stream.isTTY)) return;
    // It can come after the command has ended.
    isUnwritten = true;
    process.exitCode = EXIT.failed;
    if (stream === stderr) return;
    stderr.write(`ingress-guard: standard output cannot be written: ${explainUnreadable({ code })}\n`);
  });
}

const exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout,
  stderr,
  environment: process.env,
  interrupted: interrupted.signal,
});
process.exitCode = isUnwritten ? EXIT.failed : exitCode;
