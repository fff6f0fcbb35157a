import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import {
  COMPUTED,
  circlesOf,
  importsOf,
  readSourceFiles,
  resolveRelative,
  type SourceFile,
} from './support/tools/imports.ts';

/** What the files of one part may import. */
interface Rule {
  /** Other parts. Its own files a part may always import. */
  readonly parts: readonly string[];
  /** Packages, and modules of Node. */
  readonly packages: (name: string) => boolean;
}

const ALL = () => true;
const ALL_BUT_AWS_SDK = (name: string) => name !== COMPUTED && !name.startsWith('@aws-sdk/');
/** The SDK, but of its clients only this one. */
const ONE_CLIENT = (client: string) => (name: string) =>
  name !== COMPUTED && (!name.startsWith('@aws-sdk/client-') || name === `@aws-sdk/client-${client}`);
const GUARD = ['policy', 'allowlist', 'cloudtrail', 'aws', 'enforcement', 'organization', 'report', 'security-hub'].map(
  (part) => `src/${part}`,
);
const KINDS = ['src/policy/classic', 'src/policy/vpc'];
const POLICY = ['src/policy', ...KINDS];
const PURE = (name: string) => name === 'zod/mini' || name === 'ipaddr.js';
const DOOR: Rule = { parts: POLICY, packages: ALL_BUT_AWS_SDK };
/** What calls one service of AWS: nothing of another. */
const service = (client: string): Rule => ({ parts: [...POLICY, 'src/aws'], packages: ONE_CLIENT(client) });
const SERVICES = [
  'elasticache',
  'ec2',
  's3',
  'sts',
  'organizations',
  'eventbridge',
  'sqs',
  'cloudformation',
  'cloudtrail',
  'cloudwatch',
  'cloudwatch-logs',
  'iam',
  'lambda',
  'sns',
  'securityhub',
];

/** The arrows: dependencies point inward, to the policy, which knows nothing around it. */
const RULES: Readonly<Record<string, Rule>> = {
  'src/policy': { parts: KINDS, packages: PURE },
  // A kind of grant knows nothing of the other.
  'src/policy/classic': { parts: ['src/policy'], packages: PURE },
  'src/policy/vpc': { parts: ['src/policy'], packages: PURE },
  // Bounded concurrency is not what this project exists for.
  'src/enforcement': { parts: POLICY, packages: (name) => name === 'p-map' },
  // What is the same for every account is enforcement's; what joins accounts is here.
  'src/organization': { parts: [...POLICY, 'src/enforcement'], packages: (name) => name === 'p-map' },
  'src/allowlist': DOOR,
  'src/cloudtrail': DOOR,
  'src/report': { parts: [...POLICY, 'src/page-kit'], packages: ALL_BUT_AWS_SDK },
  // What the pages share runs in browsers.
  'src/page-kit': { parts: [], packages: () => false },
  // Hands on what the report says.
  'src/security-hub': {
    parts: [...POLICY, 'src/report'],
    packages: (name) => name === 'p-map' || name === 'node:crypto',
  },
  // It knows what AWS answers, and not what is done about it.
  'src/aws': { parts: [...POLICY, ...SERVICES.map((name) => `src/aws/${name}`)], packages: ALL_BUT_AWS_SDK },
  ...Object.fromEntries(SERVICES.map((name) => [`src/aws/${name}`, service(name)])),
  // Shares no code with what it is there to test. It loads handlers by their file names, as Lambda does.
  'src/local': { parts: [], packages: (name) => name === COMPUTED || ALL_BUT_AWS_SDK(name) },
  // Its page has the kit of the others, and what evaluates comes from who starts it.
  'src/local/console': { parts: ['src/local', 'src/page-kit'], packages: ALL_BUT_AWS_SDK },
  'src/cli': {
    parts: [...GUARD, ...KINDS, ...SERVICES.map((name) => `src/aws/${name}`), 'src/local', 'src/local/console'],
    packages: ALL_BUT_AWS_SDK,
  },
  handlers: { parts: [...GUARD, ...KINDS, ...SERVICES.map((name) => `src/aws/${name}`)], packages: ALL_BUT_AWS_SDK },
  examples: { parts: [...GUARD, ...KINDS, 'src/local', 'src/cli', 'handlers'], packages: ALL },
  // Knows nothing of what it tests: not how a grant is judged, nor how it is revoked.
  'test/chaos/simulation': { parts: ['src/local'], packages: ALL },
};

/** The part that a file belongs to, the narrowest that is one: `handlers`, `src/policy`, `src/policy/vpc`. */
function partOf(path: string): string {
  const folders = path.split('/').slice(0, -1);
  const narrow = folders.slice(0, 3).join('/');
  return narrow in RULES ? narrow : folders.slice(0, path.startsWith('src/') ? 2 : 1).join('/');
}

function violationsOf(file: SourceFile): string[] {
  const part = partOf(file.path);
  const rule = RULES[part];
  if (rule === undefined) return [`${file.path} is in a part, ${part}, that no rule here speaks of`];
  return importsOf(file).flatMap((specifier) => {
    const path = resolveRelative(specifier, file.path);
    const imported = path === undefined ? specifier : partOf(path);
    const allowed = path === undefined ? rule.packages(specifier) : imported === part || rule.parts.includes(imported);
    return allowed ? [] : [`${file.path} imports ${specifier}: ${part} may not import ${imported}`];
  });
}

const FILES = readSourceFiles(['handlers', 'src', 'examples', 'test/chaos/simulation']);
/** What no rule above is about, as it is not part of the house. */
const PROGRAMS = readSourceFiles(['bin', 'stack/packaging']);

describe('the architecture', () => {
  it('is kept: every file imports only what its part may', () => {
    expect(FILES.flatMap(violationsOf)).toEqual([]);
  });

  it('has no circles: no file imports itself by way of others, not even for types', () => {
    expect(circlesOf([...FILES, ...PROGRAMS])).toEqual([]);
  });

  it('is read from every part that is there', () => {
    const parts = new Set(FILES.map(({ path }) => partOf(path)));

    expect([...parts]).toEqual(
      expect.arrayContaining([
        'handlers',
        'examples',
        'test/chaos/simulation',
        'src/policy',
        'src/enforcement',
        'src/policy/classic',
        'src/policy/vpc',
        'src/aws/elasticache',
        'src/local',
      ]),
    );
  });

  it('is read without missing any import that esbuild sees', async () => {
    const { metafile } = await build({
      entryPoints: FILES.map(({ path }) => path),
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      outdir: 'not-written',
      write: false,
      metafile: true,
    });
    const missed = FILES.flatMap((file) => {
      const read = importsOf(file);
      const seen = metafile.inputs[file.path]?.imports.map(({ original, path }) => original ?? path) ?? [COMPUTED];
      return seen.filter((specifier) => !read.includes(specifier)).map((specifier) => `${file.path}: ${specifier}`);
    });

    expect(missed).toEqual([]);
  });
});

describe('the reading of imports', () => {
  it.each([
    ["import { a } from 'x';", ['x']],
    ["import type { A } from 'x';", ['x']],
    ["import a, * as b from 'x';", ['x']],
    ["import {\n  a,\n  type B,\n} from 'x';", ['x']],
    ["import 'x';", ['x']],
    ["export * from 'x';", ['x']],
    ["export { a } from 'x';", ['x']],
    ["export type { A } from 'x';", ['x']],
    ["const a = await import('x');", ['x']],
    ["type A = import('x').A;", ['x']],
    ["const a = require('x');", ['x']],
    ['const a = await import(name);', [COMPUTED]],
    ["import a from 'x';\nimport b from 'y';\nimport c from 'x';", ['x', 'y']],
    ["export const a = 'x';\nexport function b() {\n  return 'from';\n}", []],
    [" * import a from 'x';\n// import b from 'y';", []],
    ['const here = import.meta.dirname;', []],
  ])('finds in %j: %j', (text, imports) => {
    expect(importsOf({ path: 'a.ts', text })).toEqual(imports);
  });
});

describe('a circle', () => {
  const files = (texts: Readonly<Record<string, string>>) =>
    Object.entries(texts).map(([path, text]) => ({ path, text }));

  it.each([
    ['of two files', { 'src/a.ts': "import { b } from './b.ts';", 'src/b.ts': "import { a } from './a.ts';" }],
    ['of types', { 'src/a.ts': "import type { B } from './b.ts';", 'src/b.ts': "export type { A } from './a.ts';" }],
    ['of an import when it runs', { 'src/a.ts': "import { b } from './b.ts';", 'src/b.ts': "import('./a.ts');" }],
    [
      'that others import',
      {
        'handlers/c.ts': "import { a } from '../src/a.ts';",
        'src/a.ts': "import { b } from './b.ts';",
        'src/b.ts': "import { a } from './a.ts';\nimport { d } from './d.ts';",
        'src/d.ts': '',
      },
    ],
  ])('%s is found', (_, texts) => {
    expect(circlesOf(files(texts))).toEqual([['src/a.ts', 'src/b.ts']]);
  });

  it('of a file with itself is found, and so is each of several', () => {
    const two = {
      'a.ts': "import './a.ts';",
      'b.ts': "import './c.ts';",
      'c.ts': "import './d.ts';",
      'd.ts': "import './b.ts';",
    };

    expect(circlesOf(files(two))).toEqual([['a.ts'], ['b.ts', 'c.ts', 'd.ts']]);
  });

  it('is not found where two files import the same', () => {
    const diamond = {
      'a.ts': "import './b.ts';\nimport './c.ts';",
      'b.ts': "import './d.ts';",
      'c.ts': "import './d.ts';\nimport 'node:fs';",
      'd.ts': '',
    };

    expect(circlesOf(files(diamond))).toEqual([]);
  });
});

describe('a violation of the architecture', () => {
  it.each([
    ['src/policy/a.ts', '../cloudtrail/b.ts', 'src/cloudtrail'],
    ['src/policy/a.ts', '../../handlers/b.ts', 'handlers'],
    ['src/policy/a.ts', 'zod', 'zod'],
    ['src/policy/a.ts', 'node:fs', 'node:fs'],
    ['src/policy/a/b.ts', '../../enforcement/c.ts', 'src/enforcement'],
    ['src/policy/classic/a.ts', '../vpc/b.ts', 'src/policy/vpc'],
    ['src/policy/vpc/a.ts', '../classic/b.ts', 'src/policy/classic'],
    ['src/enforcement/a.ts', '../aws/b.ts', 'src/aws'],
    ['src/enforcement/look/a.ts', '../../aws/ec2/b.ts', 'src/aws/ec2'],
    ['src/enforcement/a.ts', '@aws-sdk/client-elasticache', '@aws-sdk/client-elasticache'],
    ['src/enforcement/a.ts', 'node:timers/promises', 'node:timers/promises'],
    ['src/cloudtrail/a.ts', '../allowlist/b.ts', 'src/allowlist'],
    ['src/cloudtrail/a.ts', '@aws-sdk/client-cloudtrail', '@aws-sdk/client-cloudtrail'],
    ['src/allowlist/a.ts', '../local/b.ts', 'src/local'],
    ['src/report/a.ts', '../enforcement/b.ts', 'src/enforcement'],
    ['src/security-hub/a.ts', '../aws/b.ts', 'src/aws'],
    ['src/aws/a.ts', '../enforcement/b.ts', 'src/enforcement'],
    ['src/aws/a.ts', '@aws-sdk/client-ec2', '@aws-sdk/client-ec2'],
    ['src/aws/elasticache/a.ts', '../../enforcement/b.ts', 'src/enforcement'],
    ['src/aws/elasticache/a.ts', '../ec2/b.ts', 'src/aws/ec2'],
    ['src/aws/elasticache/a.ts', '@aws-sdk/client-ec2', '@aws-sdk/client-ec2'],
    ['src/aws/ec2/a.ts', '@aws-sdk/client-elasticache', '@aws-sdk/client-elasticache'],
    ['src/local/a.ts', '../aws/b.ts', 'src/aws'],
    ['src/local/operations/a.ts', '../../policy/b.ts', 'src/policy'],
    ['src/local/a.ts', '../../handlers/b.ts', 'handlers'],
    ['src/local/a.ts', '@aws-sdk/client-elasticache', '@aws-sdk/client-elasticache'],
    ['src/cli/a.ts', '../../handlers/b.ts', 'handlers'],
    ['src/cli/a.ts', '@aws-sdk/client-elasticache', '@aws-sdk/client-elasticache'],
    ['handlers/a.ts', '../src/local/b.ts', 'src/local'],
    ['handlers/shared/a.ts', '../../src/local/b.ts', 'src/local'],
    ['handlers/a.ts', '@aws-sdk/client-elasticache', '@aws-sdk/client-elasticache'],
    ['handlers/a.ts', '../build/b.ts', 'build'],
    ['test/chaos/simulation/a.ts', '../../../src/policy/b.ts', 'src/policy'],
    ['test/chaos/simulation/a.ts', '../../../handlers/b.ts', 'handlers'],
    ['src/local/a.ts', '../../chaos/b.ts', 'chaos'],
  ])('is found: %s imports %s', (path, specifier, imported) => {
    for (const text of [
      `import { a } from '${specifier}';`,
      `import type { A } from '${specifier}';`,
      `void import('${specifier}');`,
    ]) {
      expect(violationsOf({ path, text })).toEqual([
        `${path} imports ${specifier}: ${partOf(path)} may not import ${imported}`,
      ]);
    }
  });

  it('is found: a module chosen when it runs, where it is not the local AWS that does it', () => {
    const text = 'const module = await import(name);';

    expect(violationsOf({ path: 'handlers/a.ts', text })).toEqual([
      'handlers/a.ts imports (computed): handlers may not import (computed)',
    ]);
    expect(violationsOf({ path: 'src/local/a.ts', text })).toEqual([]);
  });

  it('is found: a part that nobody has thought of', () => {
    expect(violationsOf({ path: 'src/new/a.ts', text: '' })).toEqual([
      'src/new/a.ts is in a part, src/new, that no rule here speaks of',
    ]);
    expect(violationsOf({ path: 'src/a.ts', text: '' })).toEqual([
      'src/a.ts is in a part, src, that no rule here speaks of',
    ]);
  });

  it.each([
    ['src/policy/a.ts', './b.ts'],
    ['src/policy/a.ts', 'zod/mini'],
    ['src/policy/a.ts', 'ipaddr.js'],
    ['src/enforcement/a.ts', '../policy/b.ts'],
    ['src/policy/a.ts', './vpc/b.ts'],
    ['src/aws/elasticache/a.ts', '@aws-sdk/client-elasticache'],
    ['src/aws/elasticache/a.ts', '../b.ts'],
    ['src/aws/a.ts', './ec2/b.ts'],
    ['src/aws/ec2/a.ts', '@aws-sdk/client-ec2'],
    ['src/local/operations/a.ts', '../b.ts'],
    ['src/cli/commands/a.ts', '../../local/b.ts'],
    ['handlers/a.ts', '../src/aws/b.ts'],
    ['examples/a.ts', '@aws-sdk/client-elasticache'],
  ])('is not: %s imports %s', (path, specifier) => {
    expect(violationsOf({ path, text: `import { a } from '${specifier}';` })).toEqual([]);
  });
});
