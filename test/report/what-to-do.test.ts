import { describe, expect, it } from 'vitest';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { groupByCause } from '../../src/report/causes.ts';
import { whatToDo } from '../../src/report/what-to-do.ts';
import { ACCOUNT } from '../support/examples/grants.ts';
import {
  findingsOf,
  goneNameReport,
  rule,
  SHARED_PROBLEM,
  STRANGERS,
  vpcHeldReport,
  vpcReportOf,
  WEB,
} from '../support/examples/vpc-audit-reports.ts';

/** The steps of the first cause. */
function stepsOf(report: AuditReport) {
  const [cause] = groupByCause(report.findings);
  if (cause === undefined) throw new Error('nothing is denied');
  return whatToDo(cause, report);
}

const everybody = rule(1, { kind: 'cidr', cidr: '0.0.0.0/0' }, { toPort: 11211 });
const office = rule(1, { kind: 'cidr', cidr: '198.51.100.0/24' }, { toPort: 11211 });
const shared = { outcome: 'held', problem: SHARED_PROBLEM } as const;

describe('what to do about a rule of a security group', () => {
  it('is one command, however many caches it opens', () => {
    const [revoke] = stepsOf(vpcReportOf(findingsOf(everybody)));

    expect(revoke?.paste?.text.split('\n')).toHaveLength(1);
  });

  it('counts rules where the limit holds them', () => {
    const [, revoke] = stepsOf(vpcHeldReport());

    expect(revoke?.text).toBe('audit with `--max-revocations 12` or more, or revoke them yourself:');
  });

  it('is one command for all rules of a security group, with at most 20 of them', () => {
    const rules = Array.from({ length: 45 }, (_, n) => rule(n, { kind: 'cidr', cidr: `198.51.100.${n}/32` }));

    const [, revoke] = stepsOf(vpcReportOf(rules.flatMap((one) => findingsOf(one))));

    const commands = revoke?.paste?.text.split('\n') ?? [];
    expect(commands.map((one) => one.match(/sgr-/g)?.length)).toEqual([20, 20, 5]);
  });

  it('is another thing where its security group is shared', () => {
    const [, revoke, ...more] = stepsOf(vpcReportOf(findingsOf(office, shared), { mode: 'enforce' }));

    expect(more).toEqual([]);
    expect(revoke?.when).toBe('If not');
    expect(revoke?.text).toBe(
      'its security group guards more than caches, so make the rule leave out the ports of caches; or set `INGRESS_GUARD_SHARED=revoke` and audit again; or revoke them yourself:',
    );
  });

  it('is to correct the name where the allowlist names a cache that no longer exists', () => {
    const [, held] = stepsOf(goneNameReport());

    expect(held?.text).toBe(
      'the allowlist names a cache that no longer exists, so remove that name from the allowlist rule, or correct it, and audit again; or revoke it yourself:',
    );
  });

  it('is said of those that are shared apart from others', () => {
    const failed = findingsOf(rule(2, { kind: 'cidr', cidr: '198.51.100.0/24' }), {
      outcome: 'failed',
      problem: 'No.',
    });
    const steps = stepsOf(vpcReportOf([...failed, ...findingsOf(office, shared)], { mode: 'enforce' }));

    expect(steps.map(({ when }) => when)).toEqual(['If they are needed', 'If not', 'Those held']);
    expect(steps[1]?.paste?.text).toContain('sgr-00000000000000002');
    expect(steps[2]?.paste?.text).toContain('sgr-00000000000000001');
  });

  it('warns that allowed grants go with the rule', () => {
    const all = rule(
      1,
      { kind: 'securityGroup', securityGroupId: WEB, securityGroupOwnerId: ACCOUNT },
      { ipProtocol: '-1' },
    );

    const [, revoke] = stepsOf(vpcReportOf(findingsOf(all)));

    expect(revoke?.text).toContain('which also ends 1 allowed grant of the same security group rule:');
  });

  it('is to revoke what is open to everybody; the rule that would allow it comes last, commented out, with nothing else', () => {
    const findings = [...findingsOf(office), ...findingsOf(everybody)];

    const [open, others] = groupByCause(findings).map((cause) => whatToDo(cause, vpcReportOf(findings)));

    expect(open?.map(({ when }) => when)).toEqual(['Do', 'Only if everybody must have access']);
    expect(open?.[0]?.paste?.text).toContain('--security-group-rule-ids sgr-00000000000000001');
    const lines = open?.[1]?.paste?.text.split('\n') ?? [];
    expect(lines.filter((line) => !line.startsWith('# '))).toEqual([]);
    expect(lines.join()).toContain('cidrs: ["0.0.0.0/0"]');
    expect(JSON.stringify(open)).not.toContain('198.51.100.0/24');
    expect(JSON.stringify(others)).not.toContain('0.0.0.0/0');
  });

  it('is nothing more where what was open to everybody is gone', () => {
    const steps = stepsOf(vpcReportOf(findingsOf(everybody, { outcome: 'revoked' }), { mode: 'enforce' }));

    expect(steps).toEqual([{ when: 'Do', text: 'nothing is left to do.' }]);
  });

  it('is no rule where nobody knows who owns the source, and says of which there is one', () => {
    const unknown = findingsOf(rule(1, { kind: 'securityGroup', securityGroupId: STRANGERS }));
    const known = findingsOf(
      rule(2, { kind: 'securityGroup', securityGroupId: STRANGERS, securityGroupOwnerId: '444455556666' }),
    );

    const [alone] = stepsOf(vpcReportOf(unknown));
    const [some] = stepsOf(vpcReportOf([...unknown, ...known]));

    expect(alone).toEqual({
      when: 'If they are needed',
      text: 'allow access from another source: no rule can allow this one, because the owner of the group is not known.',
    });
    expect(some?.text).toBe(
      'add to the allowlist, but for what no rule can allow because the owner of the group is not known:',
    );
  });
});
