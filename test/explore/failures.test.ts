import { expect, test } from 'vitest';
import { findFailures } from './failures.ts';

const passed = { fullName: 'a rule is read', status: 'passed', failureMessages: [] };
const failed = { fullName: "a rule (EC2's) is read", status: 'failed', failureMessages: ['Property failed'] };

test('each failed test is named, with what it said and the command that repeats it', () => {
  const file = { name: '/checkout/test/ec2/rule.test.ts', status: 'failed', message: '' };
  const testResults = [
    { ...file, assertionResults: [passed, failed] },
    { name: '/checkout/test/a.test.ts', status: 'passed', message: '', assertionResults: [passed] },
  ];

  const failures = findFailures({ testResults }, { FUZZ_SEED: '7', FUZZ_TIMES: '3' }, '/checkout');

  const pattern = "'^a rule \\(EC2'\\''s\\) is read$'";
  expect(failures).toEqual([
    {
      title: "test/ec2/rule.test.ts > a rule (EC2's) is read",
      messages: ['Property failed'],
      command: `FUZZ_SEED=7 FUZZ_TIMES=3 npx vitest run test/ec2/rule.test.ts --testNamePattern ${pattern}`,
    },
  ]);
});

test('a file that failed as a whole is named, though each of its tests passed', () => {
  const file = { name: '/checkout/test/a.test.ts', status: 'failed', message: 'it left a folder' };

  const failures = findFailures({ testResults: [{ ...file, assertionResults: [passed] }] }, {}, '/checkout');

  expect(failures).toEqual([
    { title: 'test/a.test.ts', messages: ['it left a folder'], command: 'npx vitest run test/a.test.ts' },
  ]);
});
