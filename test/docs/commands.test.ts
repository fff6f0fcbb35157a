import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const WRITTEN = ['*.md', 'docs/**/*.md', '{examples,src,handlers,bin,stack}/**/*.*'];

test('no written command lets npx fetch a package that is called like ours', () => {
  // A decision shows the wrong command.
  const files = globSync(WRITTEN, { exclude: ['docs/decisions/**'] });

  const commands = files.flatMap(
    (file) => readFileSync(file, 'utf8').match(/\b(?:npx|npm exec|npm x)\b[^\n`]*?\bingress-guard\b/g) ?? [],
  );

  expect(new Set(commands)).toEqual(new Set(['npx --no -- ingress-guard']));
});
