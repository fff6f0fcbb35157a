import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseAllowlistText } from '../../src/allowlist/parse-allowlist-text.ts';
import { decide } from '../../src/policy/decision.ts';
import { revokeCommand, rulesToAdd } from '../../src/report/remedy.ts';
import { grant, HOSTILE_NAMES, STARTED_AT } from '../support/audit-reports.ts';
import { STRANGER } from '../support/grants.ts';

/** What a shell makes of the words of a command. */
function wordsOf(command: string): string[] {
  const script = command.replace(/^aws /, `'${process.execPath}' -p 'JSON.stringify(process.argv.slice(1))' -- `);
  return JSON.parse(execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
}

const NAMES = HOSTILE_NAMES.filter((name) => /^[ -~]+$/.test(name));

describe('the command that revokes a grant', () => {
  it('can be read', () => {
    expect(revokeCommand(grant('sessions', 'web', { owner: STRANGER }))).toBe(
      'aws elasticache revoke-cache-security-group-ingress --region us-east-1 --cache-security-group-name sessions ' +
        `--ec2-security-group-name web --ec2-security-group-owner-id ${STRANGER}`,
    );
  });

  it.each(NAMES)('gives the AWS CLI the name as it is, whatever it is: %s', (name) => {
    const words = wordsOf(revokeCommand(grant('sessions', name)));

    const input = words.indexOf('--cli-input-json');
    const given =
      input === -1
        ? words.map((word, i) =>
            word === '--ec2-security-group-name' ? words[i + 1] : word.split('--ec2-security-group-name=')[1],
          )
        : [JSON.parse(words[input + 1] as string).EC2SecurityGroupName];
    expect(given.filter((one) => one !== undefined)).toEqual([name]);
  });

  it('never gives the AWS CLI a name as an option from which it would read a file', () => {
    for (const name of ['file:///etc/passwd', 'fileb://x', 'https://example.com']) {
      expect(revokeCommand(grant('sessions', name))).toContain('--cli-input-json');
    }
  });
});

describe('the rules to add', () => {
  it('can be read', () => {
    expect(rulesToAdd([grant('sessions', 'web'), grant('sessions', 'Web 2')], '2027-02-03')).toBe(
      [
        '  - id: sessions-2027-02-03',
        '    cacheSecurityGroups: [sessions]',
        '    ec2SecurityGroups: ["Web 2", web]',
        '    ownerIds: [self]',
        '    accounts: ["111122223333"]',
        '    regions: [us-east-1]',
        '    reason: "" # why it is needed',
      ].join('\n'),
    );
  });

  it.each([...NAMES, 'no', 'null', '007', '1e3', 'a: b', '*', '?', 'a\\b', '- x', '# x', '[web]', '{a,b}'])(
    'make the allowlist allow the grant and nothing like it, whatever its name is: %s',
    async (name) => {
      const one = grant('sessions', name, { owner: STRANGER });
      const text = `version: 1\nrules:\n${rulesToAdd([one], '2027-02-03')}\n`;

      const { compiled } = parseAllowlistText(text, 'allowlist.yaml');

      const effect = (other: typeof one) => decide(other, compiled, STARTED_AT).effect;
      expect(effect(one)).toBe('allow');
      expect(effect(grant('sessions', `${name}x`, { owner: STRANGER }))).toBe('deny');
      expect(effect(grant('sessions', name))).toBe('deny');
    },
  );
});
