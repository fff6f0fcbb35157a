import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** These judge what `serverless package` makes. It runs once before them, and not at all when none of them is run. */
const packaged = [
  'test/package.test.ts',
  'test/way-of-one-{grant,rule}.test.ts',
  'test/stack/*.test.ts',
  'test/docs/{how-to,metrics}.test.ts',
];

/** These run the command as it is installed. It is built once before them, which takes long: `npm run test:slow` runs them. */
const installed = [
  'test/cli/{audit-installed,built-binary,local-installed,replay-memory}.test.ts',
  'test/examples/allowlist-check.test.ts',
];

/** These take long. `npm run test:slow` and `.ci/run` run them, `npm test` does not. */
const slow = {
  /** Each of these runs `serverless` several times. Two at a time would spoil each other's work. */
  packaging: [
    'test/artifact.test.ts',
    'test/packaging.test.ts',
    'test/stack/template.test.ts',
    'test/stack/organization.test.ts',
    'test/stack/packaging/settings/serverless-commands.test.ts',
  ],
  others: [
    'test/aws/ec2/open-rule.test.ts',
    'test/bin/{audit-bundled,write-screenshots}.test.ts',
    'test/chaos/{bugs-found-by-tests,chaos}.test.ts',
    'test/chaos/organization/organization.test.ts',
    'test/cli/{doctor,doctor-of-local,drill,redrive}.test.ts',
    'test/enforcement/security-group-interleavings.model.test.ts',
    'test/examples/{first-minute,fresh-checkouts,organization}.test.ts',
    'test/handlers/{audit-grants-in-trouble,deployed-hub,ends-in-time,memory,organization-run}.test.ts',
    'test/local/{console,console-requests,lambda-environments}.test.ts',
    'test/published.test.ts',
    'test/report/html-in-browser.test.ts',
  ],
};
/** The longest of those that try many inputs: `npm run test:slow` and `npm run explore` run them. */
const fuzz = [
  'test/{aws/ec2,aws/elasticache,cloudtrail,handlers,local/ec2}/*.fuzz.test.ts',
  'test/cli/command-lines.fuzz.test.ts',
  'test/enforcement/interleavings.model.test.ts',
  'test/policy/classic/decide.properties.test.ts',
];
/** A run of the simulation for each bug takes more than a minute: `npm run test:planted`. Nothing else runs them. */
const planted = ['test/chaos/planted-bugs.test.ts'];
const allSlow = [...Object.values(slow).flat(), ...fuzz, ...planted];

const everywhere = {
  setupFiles: 'test/support/run/setup.ts',
  // No test is about how long something takes. These limits only end what hangs, on a machine however busy.
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 300_000 } },
  // In a process of its own each file would load the SDK again, which is half of all the work. setup.ts holds that no file
  // leaves a trace for the next one in its process.
  isolate: false,
  restoreMocks: true,
  // Much of what the tests do is to wait: for the SDK's tries, for what the local AWS does a moment later. Two processors have time for three.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...everywhere,
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [...packaged, ...installed, ...allSlow],
        },
      },
      {
        test: {
          ...everywhere,
          name: 'installed',
          include: installed,
          globalSetup: 'test/support/packaged/install-once.ts',
        },
      },
      {
        test: {
          ...everywhere,
          name: 'package',
          include: packaged,
          exclude: allSlow,
          globalSetup: 'test/support/packaged/package-once.ts',
        },
      },
      { test: { ...everywhere, name: 'slow', include: slow.others } },
      { test: { ...everywhere, name: 'fuzz', include: fuzz } },
      { test: { ...everywhere, name: 'planted', include: planted, maxConcurrency: 3 } },
      {
        test: {
          ...everywhere,
          name: 'packaging',
          include: slow.packaging,
          globalSetup: 'test/support/packaged/package-once.ts',
          maxWorkers: 1,
          // After the others, which have another number of workers.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
