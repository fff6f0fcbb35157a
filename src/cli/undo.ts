import type { Command } from 'commander';
import { Document } from 'yaml';
import { decide } from '../policy/decision.ts';
import { describeGrant, type Grant } from '../policy/grant.ts';
import { learnAllowlist } from '../policy/learn-allowlist.ts';
import { readAllowlist } from './inputs.ts';
import { CommandError, EXIT, type Io } from './io.ts';
import { allowlistOption, type Format, formatOption } from './options.ts';
import { readGrants } from './read-grants.ts';

interface UndoOptions {
  readonly allowlist: string;
  readonly account: string;
  readonly format: Format;
}

/** For how long the rule that `undo` proposes allows: enough to find out, not enough to forget. */
const PROPOSED_DAYS = 7;

/** `ingress-guard undo`: make a grant again that was revoked. */
export function undoCommand(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('undo')
    .description('restore a grant that was revoked')
    .argument(
      '<decision>',
      'the decision line, the outcome or the report that says what was revoked; - for standard input',
    )
    .addOption(allowlistOption(io))
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
It refuses while the allowlist denies the grant, because Ingress Guard would take it away again, and prints the rule to add.
Exit code: 0 every grant is there, 1 could not, 2 the allowlist denies one (nothing was restored), 3 allowlist not valid.

Example:
  $ ingress-guard undo decision.json`,
    )
    .action(async (file: string, { allowlist: allowlistFile, format }: UndoOptions) => {
      const grants = await readRevoked(file, io);
      const { compiled } = await readAllowlist(allowlistFile, io);
      const denied = grants.filter((grant) => decide(grant, compiled, new Date()).effect === 'deny');
      if (denied.length > 0) {
        io.stderr.write(refusal(denied, allowlistFile));
        exit(EXIT.disallowed);
        return;
      }
      // The SDK is loaded for this alone.
      const [{ elastiCacheClients }, { authorizeIngress }] = await Promise.all([
        import('../elasticache/clients.ts'),
        import('../elasticache/authorize-ingress.ts'),
      ]);
      const clientFor = elastiCacheClients();
      for (const grant of grants) {
        try {
          const { result, requestId } = await authorizeIngress(clientFor(grant.region), grant);
          const line =
            format === 'json' ? JSON.stringify({ result, grant, requestId }) : `${result}: ${describeGrant(grant)}`;
          io.stdout.write(`${line}\n`);
        } catch (error) {
          throw new CommandError(`${describeGrant(grant)} could not be restored: ${(error as Error).message}`, {
            cause: error,
          });
        }
      }
    });
}

/** The grants of a decision, each once; of a report, those that were revoked. */
async function readRevoked(file: string, io: Io): Promise<Grant[]> {
  const grants = new Map<string, Grant>();
  for await (const written of readGrants([file], io)) {
    if (written.grant === undefined) throw new CommandError(`${file}: ${written.problem}`);
    const { grant, outcome } = written;
    // Of anything else, recorded events among them, nobody knows whether it was there and should be again.
    if (outcome === 'revoked') grants.set(JSON.stringify(grant), grant);
  }
  if (grants.size === 0) throw new CommandError(`${file} tells of no grant that was revoked`);
  return [...grants.values()];
}

function refusal(denied: readonly Grant[], allowlistFile: string): string {
  const expires = new Date(Date.now() + PROPOSED_DAYS * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  const { rules } = learnAllowlist(denied, { wildcards: false });
  const proposed = new Document(
    rules.map((rule) => ({ ...rule, id: `undo-${rule.id}`, expires, reason: 'restored by undo' })),
  );
  return [
    `ingress-guard: ${allowlistFile} denies ${denied.length === 1 ? 'this grant' : 'these grants'}, and Ingress Guard would take it away again:`,
    ...denied.map((grant) => `  ${describeGrant(grant)}`),
    `Nothing was restored. Add this to its rules, deploy it, and undo again:`,
    '',
    ...proposed
      .toString({ lineWidth: 120 })
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
    '',
  ].join('\n');
}
