import { expect, test } from 'vitest';
import { resolveSettings } from '../../../../stack/packaging/settings/resolve-settings.ts';
import { readSettingsFile } from '../../../../stack/packaging/settings/settings-file.ts';
import { summarize } from '../../../../stack/packaging/settings/summary.ts';

const FILE = 'default:\n  mode: report-only\nprod:\n  alertEmail: oncall@example.com\n';

function summaryOf(params: readonly string[], { file = FILE, stage = 'prod', rules = 3 } = {}): string {
  const settingsFile = readSettingsFile(file);
  const region = 'us-east-1';
  const stack = { stage, region, regionFrom: '--region', longestStage: 17 };
  const { settings, problems } = resolveSettings(stack, params, settingsFile);
  expect(problems).toEqual([]);
  const allowlist = { file: 'allowlist.yaml', rules };
  return summarize(settings, { stage, region, allowlist, sections: [...settingsFile.sections.keys()] });
}

test('the summary names each setting, its value and where that comes from, and how the modes differ', () => {
  expect(summaryOf(['maxRevocations=40'])).toBe(
    `Settings of stage prod in us-east-1
  mode                  report-only                                           settings.yml, default
  allowlist             allowlist.yaml, packaged: 3 allowlist rules           built-in default
  regions               us-east-1, the stack's own                            built-in default
  organization          none: the stack's own account alone                   built-in default
  organizationalUnits   none                                                  built-in default
  excludedAccounts      none                                                  built-in default
  maxRevocations        40: if more are to be revoked, an audit revokes none  --param
  maxRevocationsPerRun  50 in all accounts of an organization                 built-in default
  shared                hold                                                  built-in default
  mixed                 hold                                                  built-in default
  reportBucket          none: reports of audits are not stored                built-in default
  securityHub           false: findings are not imported                      built-in default
  alertEmail            oncall@example.com                                    settings.yml, prod
  chat                  false: there is no topic for chat tools               built-in default
  tracing               false                                                 built-in default

report-only (in force): a denied grant is reported as would-revoke; no function has the permission to revoke.
enforce: a denied grant is revoked, a new one within seconds, an existing one by the hourly audit.`,
  );
});

test.each([
  [['mode=enforce'], 'enforce (in force): '],
  [['allowlist=ssm:/guard/allowlist'], 'ssm:/guard/allowlist: its allowlist rules are read there, and not known here'],
  [['regions=us-east-1, eu-west-1'], '  us-east-1, eu-west-1  '],
  [['maxRevocations=unlimited'], '  unlimited  '],
  [
    ['organization=o-abcde12345', 'organizationalUnits=ou-abcd-12345678,r-abcd', 'excludedAccounts=111122223333'],
    '  ou-abcd-12345678, r-abcd  ',
  ],
  [['maxRevocationsPerRun=100'], '100 in all accounts of an organization'],
  [['shared=revoke'], '  revoke  '],
  [['reportBucket=my-reports'], '  my-reports  '],
  [['tracing=true'], '  true  '],
])('the summary shows what --param sets: %s', (params, shown) => {
  expect(summaryOf(params)).toContain(shown);
});

test('the summary counts one allowlist rule as one', () => {
  expect(summaryOf([], { rules: 1 })).toContain('packaged: 1 allowlist rule  ');
});

test.each([
  [['regions=eu-west-1'], {}, "Note: audits do not look at us-east-1, the stack's own region."],
  [['maxRevocations=0'], {}, 'Note: with maxRevocations 0 an audit revokes nothing.'],
  [[], { rules: 0 }, 'Note: allowlist.yaml has no allowlist rule, so every grant is denied.'],
  [[], { stage: 'dev' }, 'Note: settings.yml has no section dev.'],
  [[], { stage: 'Prod' }, 'Note: settings.yml has no section Prod: did you mean the stage prod?'],
])('the summary notes what somebody may not expect: %s %j', (params, how, note) => {
  expect(summaryOf(params, how)).toContain(note);
});

test('the summary has no note where there is nothing to note', () => {
  expect(summaryOf(['regions=eu-west-1,us-east-1'])).not.toContain('Note');
  expect(summaryOf(['allowlist=ssm:/guard/allowlist'], { rules: 0 })).not.toContain('Note');
});
