import { oneLine } from '../one-line.ts';
import { KINDS, type Suite } from './results.ts';

/** As long as a message of ours gets, with the names in it. */
const LONGEST_MESSAGE = 1_000;

/**
 * Workflow commands of GitHub Actions, `::error file=…,line=…::…`, one a line, and the summary. GitHub shows each as an annotation of
 * the file, ten of a kind for each step (GitHub Docs, "Workflow commands for GitHub Actions"). Paths are taken as relative to
 * the top of the repository, so the command must run there.
 */
export function toGitHub(suites: readonly Suite[], summary: string): string {
  const commands = suites.flatMap(({ file, name, results }) =>
    results.flatMap(({ at: { line, column }, wrong }) => {
      if (wrong === undefined) return [];
      const message = oneLine(wrong.message, LONGEST_MESSAGE);
      if (file === undefined) return `::${KINDS[wrong.kind].level}::${data(`${name}:${line}:${column}: ${message}`)}`;
      return `::${KINDS[wrong.kind].level} file=${property(file)},line=${line},col=${column}::${data(message)}`;
    }),
  );
  return `${[...commands, summary].join('\n')}\n`;
}

// As the runner reads them: @actions/core, src/command.ts, escapeData and escapeProperty. The ends of lines are gone by now.
function data(text: string): string {
  return text.replaceAll('%', '%25');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
