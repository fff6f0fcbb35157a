import { expect, test } from 'vitest';
import { runNode } from '../support/commands/run-process.ts';

test('the example of an organization revokes by an event and by an audit, names the account without a role, and ends well', async () => {
  const { exitCode, output } = await runNode(['examples/organization.ts']);

  expect(output).toContain('-> revoked');
  expect(output).toContain('✓ EC2 in the account shop does not list the rule any more');
  expect(output).toContain('✓ it found and revoked the rule in the account archive, in eu-west-1');
  expect(output).toContain('✓ it names the account sandbox, whose role is missing, as not evaluated');
  expect(output.match(/✓/g)).toHaveLength(7);
  expect(exitCode, output).toBe(0);
});
