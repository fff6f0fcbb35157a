#!/usr/bin/env node
// bin/ingress-guard.js starts this. The build makes it executable all the same: npm's cache may have links to it that npx made
// before there was a bin/, and npx goes on using these.
import { getEventListeners } from 'node:events';
import { run } from './run.ts';

const interrupted = new AbortController();
// SIGHUP: the terminal was closed, or the connection to it broke.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => {
    // A command that does not wait for it has nothing to tidy up, and ends as any other program.
    if (getEventListeners(interrupted.signal, 'abort').length === 0) process.kill(process.pid, name);
    interrupted.abort();
  });
}
/** Writing to someone who is gone: a pipe says EPIPE, a terminal EIO. */
const NO_READER = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'];
// The reader of our output may have seen enough (`| head`), or the terminal is gone. The command ends as soon as it can, with the exit code that it has anyway: what
// failed or was not evaluated must not look like success because no one reads on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!NO_READER.includes(error.code ?? '')) throw error;
    interrupted.abort();
  });
}

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  interrupted: interrupted.signal,
});
