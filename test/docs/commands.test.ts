import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runCli } from '../support/commands/run-cli.ts';
import { codesIn, tableUnder } from '../support/tools/markdown.ts';

const WRITTEN = ['*.md', 'docs/**/*.md', '{examples,src,handlers,bin,stack}/**/*.*'];

test('no written command lets npx fetch a package that is called like ours', () => {
  // A decision shows the wrong command.
  const files = globSync(WRITTEN, { exclude: ['docs/decisions/**'] });

  const commands = files.flatMap(
    (file) => readFileSync(file, 'utf8').match(/\b(?:npx|npm exec|npm x)\b[^\n`]*?\bingress-guard\b/g) ?? [],
  );

  expect(new Set(commands)).toEqual(new Set(['npx --no -- ingress-guard']));
});

test('docs/reference/commands.md names every command that there is, and no other', async () => {
  const { stdout } = await runCli(['--help']);
  const [, list = ''] = /\nCommands:\n([\s\S]*?)(?:\n\n|$)/.exec(stdout) ?? [];
  const commands = [...list.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name).filter((name) => name !== 'help');

  const named = tableUnder(readFileSync('docs/reference/commands.md', 'utf8'), '# Commands').map(
    ([name = '']) => codesIn(name)[0],
  );

  expect(commands.length).toBeGreaterThan(10);
  expect(named.sort()).toEqual(commands.sort());
});

/** The commands of ours that a page writes in blocks and in its text: `audit --mode enforce`. */
function commandsOn(page: string): string[] {
  const markdown = readFileSync(page, 'utf8').replaceAll(/ \\\n +/g, ' ');
  return [...markdown.matchAll(/(?:^\$ |-- |`)ingress-guard ([a-z][^`\n|>;&#]*)/gm)].map(([, command = '']) =>
    command.trim(),
  );
}

test('every option of every command is named in the docs', async () => {
  const docs = globSync('docs/{how-to,reference}/*.md')
    .map((page) => readFileSync(page, 'utf8'))
    .join('\n');
  const commands = tableUnder(readFileSync('docs/reference/commands.md', 'utf8'), '# Commands').map(
    ([name = '']) => codesIn(name)[0] ?? '',
  );

  const options = await Promise.all(
    commands.map(async (command) => {
      const { stdout } = await runCli([command, '--help']);
      return [...stdout.matchAll(/^ {2}(--[a-z0-9-]+)/gm)].map(([, option = '']) => ({ command, option }));
    }),
  );

  expect(options.flat().length).toBeGreaterThan(100);
  expect(options.flat().filter(({ option }) => !docs.includes(option))).toEqual([]);
});

test('every option of a command in the docs is one that the command has', async () => {
  const written = ['README.md', ...globSync('docs/{tutorial,how-to,reference,explanation}/*.md')].flatMap((page) =>
    commandsOn(page).map((command) => ({ page, command })),
  );
  const names = new Set(written.map(({ command }) => command.split(' ')[0] ?? ''));
  const helps = new Map(
    await Promise.all([...names].map(async (name) => [name, (await runCli([name, '--help'])).stdout] as const)),
  );

  const unknown = written.filter(({ command }) => {
    const help = helps.get(command.split(' ')[0] ?? '') ?? '';
    const options = command.match(/(?<= )--[a-z][a-z0-9-]*/g) ?? [];
    return help === '' || options.some((option) => !new RegExp(`${option}\\b(?!-)`).test(help));
  });

  expect(written.length).toBeGreaterThan(50);
  expect(unknown).toEqual([]);
});
