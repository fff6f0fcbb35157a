import { runAndMeasure } from './run-and-measure.ts';

/** Replays a file as a user does, with the command as it is installed, and counts the lines of the answer. */
export async function replayAndMeasure(command: string, file: string, allowlist: string) {
  let results = 0;
  const run = await runAndMeasure(command, ['replay', file, '--allowlist', allowlist, '--format', 'json'], {
    onOutput: (chunk) => {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) results++;
    },
  });
  return { ...run, results };
}
