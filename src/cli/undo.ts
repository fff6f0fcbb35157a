import type { Command } from 'commander';
import { decide } from '../policy/decide.ts';
import { describeGrant, type Grant } from '../policy/grant.ts';
import type { RuleText } from '../policy/vpc/rule-text.ts';
import { count } from '../report/wording.ts';
import { finishFirst, report } from './finish-first.ts';
import { readAllowlist } from './inputs.ts';
import { CommandError, EXIT, type Io } from './io.ts';
import { oneLine } from './one-line.ts';
import { allowlistOption, type Format, formatOption } from './options.ts';
import { proposeRules } from './propose-rules.ts';
import { type Revoked, readRevoked } from './revoked.ts';

interface UndoOptions {
  readonly allowlist: string;
  readonly format: Format;
}

/** `ingress-guard undo`: make a grant again that was revoked. */
export function undoCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('undo')
    .description('restore a grant, or the rule of a security group, that was revoked')
    .argument(
      '<decision>',
      'the decision line, the outcome or the report that says what was revoked; - for standard input',
    )
    .addOption(allowlistOption(io))
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
It refuses while the allowlist denies the grant, because Ingress Guard would revoke it again, and prints the allowlist rule to add.
The security group rule comes back with its ports and its description, and with a new id.
Exit code: 0 every grant stands again, 1 a grant could not be restored, 2 the allowlist denies one (nothing was restored), 3 allowlist not valid.

Example:
  $ ingress-guard undo decision.json`,
    )
    .action(async (file: string, { allowlist: allowlistFile, format }: UndoOptions) => {
      const all = await readRevoked(file, io);
      const { compiled } = await readAllowlist(allowlistFile, io);
      const denied = all.flatMap(({ grants }) =>
        grants.filter((grant) => decide(grant, compiled, new Date()).effect === 'deny'),
      );
      if (denied.length > 0) {
        io.stderr.write(refusal(denied, allowlistFile));
        exit(EXIT.disallowed);
        return;
      }
      using _ = finishFirst(io);
      for (const [index, revoked] of all.entries()) {
        if (io.interrupted.aborted)
          throw new CommandError(
            `ended early: ${count(all.length - index, 'revocation is', 'revocations are')} not undone`,
          );
        const [grant] = revoked.grants;
        try {
          const restored = await restore(revoked);
          await report(io, format === 'json' ? toJson(revoked, restored) : toText(revoked, restored));
        } catch (error) {
          // EC2 can repeat what stands in the decision.
          const why = oneLine((error as Error).message, 400);
          throw new CommandError(`${describeGrant(grant)} could not be restored: ${why}`, { cause: error });
        }
      }
    });
}

interface Restored {
  readonly result: 'restored' | 'already-there';
  readonly requestId: string | undefined;
}

/** The SDK of each service is loaded for this alone. Nothing but this command gives access. */
async function restore({ grants: [grant], rule }: Revoked): Promise<Restored> {
  const { region } = grant;
  if (grant.kind === 'classic') {
    const [{ elastiCacheClient }, { authorizeIngress }] = await Promise.all([
      import('../aws/elasticache/client.ts'),
      import('../aws/elasticache/authorize-ingress.ts'),
    ]);
    return await authorizeIngress(elastiCacheClient({ region }), grant);
  }
  const [{ ec2Client }, { authorizeSecurityGroupRule }] = await Promise.all([
    import('../aws/ec2/client.ts'),
    import('../aws/ec2/authorize-rule.ts'),
  ]);
  return await authorizeSecurityGroupRule(ec2Client({ region }), grant, rule as RuleText);
}

function toJson({ grants, rule }: Revoked, { result, requestId }: Restored): string {
  const [grant] = grants;
  return JSON.stringify({
    result,
    grant,
    ...(grants.length > 1 && { grants }),
    ...(rule !== undefined && { securityGroupRule: rule }),
    requestId,
  });
}

function toText({ grants, rule }: Revoked, { result }: Restored): string {
  const lines = grants.map((grant) => `${result}: ${describeGrant(grant)}`);
  if (rule !== undefined) lines.push(`    the rule: ${describeRule(rule)}. Its id is a new one.`);
  return lines.join('\n');
}

/** "tcp, port 6379, "office"" */
function describeRule({ ipProtocol, fromPort, toPort, description }: RuleText): string {
  const hasPorts = fromPort !== undefined && fromPort !== -1;
  const what = ipProtocol === '-1' ? 'all protocols' : ipProtocol;
  const range = fromPort === toPort ? `port ${fromPort}` : `ports ${fromPort} to ${toPort}`;
  const protocol = `${what}, ${hasPorts ? range : 'all ports'}`;
  return description ? `${protocol}, "${oneLine(description, 255)}"` : protocol;
}

function refusal(denied: readonly Grant[], allowlistFile: string): string {
  const { rules, never } = proposeRules(denied);
  return [
    `ingress-guard: ${allowlistFile} denies ${denied.length === 1 ? 'this grant' : 'these grants'}, and Ingress Guard would take it away again:`,
    ...denied.map((grant) => `  ${describeGrant(grant)}`),
    ...never.map((why) => `No rule can allow one of these: ${why}. Make its security group rule by hand.`),
    ...(rules === ''
      ? ['Nothing was restored.']
      : [
          `Nothing was restored. Add this to its rules, deploy it, and undo again:`,
          '',
          ...rules.split('\n').map((line) => `  ${line}`),
        ]),
    '',
  ].join('\n');
}
