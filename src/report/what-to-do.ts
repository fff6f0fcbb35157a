import type { Finding } from '../policy/finding.ts';
import { whyNoneAllows } from '../policy/learn-allowlist.ts';
import { revocationIdOfGrant } from '../policy/revocation-id.ts';
import { isPublicEndpoint } from '../policy/vpc/grant.ts';
import type { AuditReport } from './audit-report.ts';
import type { Cause } from './causes.ts';
import { grantWords } from './grant-words.ts';
import { revokeCommands, rulesToAdd } from './remedy.ts';
import { countRevocations, goesAlong, whyHeld } from './revocations.ts';
import { isStanding } from './verdict.ts';
import { count } from './wording.ts';

/** How many grants of a cause the rules to add are made for, and for how many a command is given. */
const MOST_GRANTS_IN_RULES = 25;
const MOST_COMMANDS = 3;

/** What someone may want to do about a cause: one of these. */
export interface Step {
  readonly when: string;
  /** A sentence; names stand between backticks. */
  readonly text: string;
  /** Text to paste: rules for the allowlist, or commands. */
  readonly paste?: { readonly kind: 'yaml' | 'shell'; readonly text: string };
}

export function whatToDo(cause: Cause, report: AuditReport): Step[] {
  const standing = cause.findings.filter(isStanding);
  if (standing.length === 0 && cause.isForEverybody) return [{ when: 'Do', text: 'nothing is left to do.' }];
  if (standing.length === 0) return [toAllow(cause, report), { when: IF_NOT, text: 'nothing is left to do.' }];
  const shared = standing.filter((one) => whyHeld(one) === 'shared');
  const mixed = standing.filter((one) => whyHeld(one) === 'mixed');
  const open = standing.filter(({ grant }) => grant.kind === 'vpc' && isPublicEndpoint(grant));
  const goneName = standing.filter((one) => whyHeld(one) === 'gone-name');
  const apart = new Set([...shared, ...mixed, ...goneName, ...open]);
  const others = standing.filter((one) => !apart.has(one));
  const steps = [
    ...(others.length > 0 ? [toRevoke(others, report)] : []),
    ...(shared.length > 0 ? [toRevokeShared(shared, report)] : []),
    ...(mixed.length > 0 ? [toSeparate(mixed, report)] : []),
    ...(goneName.length > 0 ? [toCorrectName(goneName, report)] : []),
    ...(open.length > 0 ? [toReplace(open)] : []),
  ];
  if (cause.isForEverybody) {
    const first = (n: number) => (n === 0 ? 'Do' : 'Those held');
    return [...steps.map((step, n) => ({ when: first(n), ...step })), toAllowEverybody(cause, report)];
  }
  return [toAllow(cause, report), ...steps.map((step, n) => ({ when: n === 0 ? IF_NOT : 'Those held', ...step }))];
}

/** Last, and commented out: someone who pastes all that a report says must not open a cache to everybody. */
function toAllowEverybody(cause: Cause, report: AuditReport): Step {
  const { text, paste } = toAllow(cause, report);
  const when = 'Only if everybody must have access';
  if (paste === undefined) return { when, text };
  const commented = paste.text.split('\n').map((line) => `# ${line}`);
  return { when, text: `take the \`#\` away, and ${text}`, paste: { ...paste, text: commented.join('\n') } };
}

const IF_NOT = 'If not';

function toAllow({ rule, onlyExpired, findings, standing }: Cause, { startedAt }: AuditReport): Step {
  const when = findings.length === 1 ? 'If it is needed' : 'If they are needed';
  if (onlyExpired) return { when, text: `give rule \`${rule}\` a later \`expires\`.` };
  const some = findings.slice(0, MOST_GRANTS_IN_RULES);
  const these =
    some.length < findings.length ? ` (for the first ${some.length} of ${count(findings.length, 'grant')})` : '';
  const again = standing === 0 ? `, and have ${findings.length === 1 ? 'it' : 'them'} authorized again` : '';
  const grants = some.map(({ grant }) => grant);
  const text = rulesToAdd(grants, startedAt.slice(0, 10));
  const never = [...new Set(grants.flatMap((one) => whyNoneAllows(one) ?? []))].join(', or ');
  if (grants.every(({ kind, source }) => kind === 'vpc' && source.kind === 'internet')) {
    return {
      when,
      text: 'add `publicEndpoint: true` to an allowlist rule for it: that allows access from anyone on the internet.',
    };
  }
  if (text === '')
    return { when, text: `allow access from another source: no rule can allow this one, because ${never}.` };
  const warnings = [...(never === '' ? [] : [`, but for what no rule can allow because ${never}`])];
  return { when, text: `add to the allowlist${these}${again}${warnings.join('')}:`, paste: { kind: 'yaml', text } };
}

function toRevoke(standing: readonly Finding[], report: AuditReport): Omit<Step, 'when'> {
  const { these, them, paste, along } = commandsFor(standing, report);
  const yourself = `revoke ${them} yourself${these}${along}:`;
  const outcomes = new Set(standing.map(({ outcome }) => outcome));
  if (outcomes.has('held')) {
    const least = countRevocations(report.findings.filter((one) => whyHeld(one) === 'limit'));
    return { text: `audit with \`--max-revocations ${least}\` or more, or ${yourself}`, paste };
  }
  if (outcomes.has('would-revoke')) {
    return { text: `audit with \`--mode enforce\`, or ${yourself}`, paste };
  }
  return { text: `the next audit tries again; or ${yourself}`, paste };
}

/** Whatever else is in the security group may need the rule: that is for a person to know. */
function toRevokeShared(held: readonly Finding[], report: AuditReport): Omit<Step, 'when'> {
  const { these, them, paste, along, revocations } = commandsFor(held, report);
  const its = revocations === 1 ? 'its security group guards' : 'their security groups guard';
  return {
    text: `${its} more than caches, so make ${revocations === 1 ? 'the rule' : 'each rule'} leave out the ports of caches; or set \`INGRESS_GUARD_SHARED=revoke\` and audit again; or revoke ${them} yourself${these}${along}:`,
    paste,
  };
}

/** To revoke such a rule cuts off someone whom the allowlist allows: that is for a person to decide. */
function toSeparate(held: readonly Finding[], report: AuditReport): Omit<Step, 'when'> {
  const { these, them, paste, along, revocations } = commandsFor(held, report);
  const rule = revocations === 1 ? 'the security group rule also gives' : 'the security group rules also give';
  const caches = new Set(held.map(({ grant }) => grantWords(grant).target)).size;
  return {
    text: `${rule} access that the allowlist allows, so move ${caches === 1 ? 'the cache' : 'the caches'} to another security group, or, if only some ports are allowed, make a rule for these; or set \`INGRESS_GUARD_MIXED=revoke\` and audit again; or revoke ${them} yourself${these}${along}:`,
    paste,
  };
}

/** The cache may be the one that the allowlist means, by a name that it lost: that is for a person to know. */
function toCorrectName(held: readonly Finding[], report: AuditReport): Omit<Step, 'when'> {
  const { these, them, paste, along } = commandsFor(held, report);
  return {
    text: `the allowlist names a cache that no longer exists, so remove that name from the allowlist rule, or correct it, and audit again; or revoke ${them} yourself${these}${along}:`,
    paste,
  };
}

/** No call takes a public endpoint away. */
function toReplace(open: readonly Finding[]): Omit<Step, 'when'> {
  const its = open.length === 1 ? 'cache without one' : 'caches without them';
  return { text: `no call takes a public endpoint away, so make new serverless ${its}, and delete the old.` };
}

/** The commands for the first few revocations, each once, and the words around them. */
function commandsFor(standing: readonly Finding[], { findings }: AuditReport) {
  const commands = revokeCommands(standing.map(({ grant }) => grant));
  const some = commands.slice(0, MOST_COMMANDS);
  const rules = new Set(standing.map(({ grant }) => revocationIdOfGrant(grant)));
  const along = findings.filter((one) => goesAlong(one) && rules.has(revocationIdOfGrant(one.grant))).length;
  return {
    revocations: rules.size,
    them: standing.length === 1 ? 'it' : 'them',
    these: some.length < commands.length ? ` (the first ${some.length} of ${count(commands.length, 'command')})` : '',
    along: along === 0 ? '' : `, which also ends ${count(along, 'allowed grant')} of the same security group rule`,
    paste: { kind: 'shell', text: some.join('\n') } as const,
  };
}
