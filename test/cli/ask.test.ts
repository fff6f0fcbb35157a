import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { asker } from '../../src/cli/ask.ts';

function terminal() {
  const [stdin, stderr, stdout] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let said = '';
  stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const interrupted = new AbortController();
  return {
    stdin,
    interrupted,
    said: () => said,
    io: { stdin, stdout, stderr, environment: {}, interrupted: interrupted.signal },
  };
}

test('a question takes no answer that was given before it was asked', async () => {
  const { stdin, io } = terminal();
  using questions = asker(io);
  const first = questions.ask('Give again?');
  stdin.write('y\ny\n');
  expect(await first).toBe(true);
  stdin.write('y\n');
  await nextTurn();

  const second = questions.ask('Delete for good?');
  stdin.write('n\n');

  expect(await second).toBe(false);
});

test('a question that is asked when no one can answer any more is shown, and answered with no', async () => {
  const { stdin, said, io } = terminal();
  using questions = asker(io);
  const first = questions.ask('Give again?');
  stdin.end('y');

  expect([await first, await questions.ask('Delete for good?')]).toEqual([true, false]);
  expect(said()).toBe('Give again? [y/N] Delete for good? [y/N] ');
});

test('Ctrl-C answers with no', async () => {
  const { interrupted, io } = terminal();
  using questions = asker(io);
  const answer = questions.ask('Give again?');
  interrupted.abort();

  expect([await answer, await questions.ask('Delete for good?')]).toEqual([false, false]);
});
