import { button, code, copyButton, element, sentence } from '../../page-kit/elements.ts';
import type { Finding } from '../../policy/finding.ts';
import type { RuleText } from '../../policy/vpc/rule-text.ts';
import { grantWords, isForEverybody, ruleWords, sourceLook, splitAtIds } from '../grant-words.ts';
import { describeMadeBy, describeMaking, shortCallerOf } from '../made-by-words.ts';
import { revokeCommand } from '../remedy.ts';
import { goesAlong } from '../revocations.ts';
import { isStanding } from '../verdict.ts';
import { OUTCOME_WORDS, visible } from '../wording.ts';
import { why } from './choose.ts';

/** What a row needs to know of the whole report. */
export interface HowToShow {
  /** Whether there are grants of both kinds. */
  readonly isMixed: boolean;
  /** Of accounts, where they are known. */
  readonly names: ReadonlyMap<string, string>;
}

/** A row of the table of findings, and the row with its details once it was asked for. */
export function findingRow(
  finding: Finding,
  columns: readonly { readonly key: string; readonly name: string }[],
  { isMixed, names }: HowToShow,
): HTMLElement {
  const { grant, outcome, verifiedGone, securityGroupRule, madeBy } = finding;
  const seen = verifiedGone === undefined ? '' : verifiedGone ? ', seen gone' : ', still there';
  const look = isStanding(finding) ? 'bad' : goesAlong(finding) ? 'gone' : OUTCOME_WORDS[outcome].look;
  const words = grantWords(grant);
  const { targetKind, target, rule, source, owner } = words;
  const below: (Node | string)[] =
    rule !== undefined
      ? [code(rule, 'aws-id below')]
      : isMixed
        ? [element('span', { class: 'below' }, targetKind)]
        : [];
  const description = securityGroupRule?.description;
  if (description !== undefined) below.push(' ', element('span', { class: 'below' }, `“${visible(description)}”`));
  if (madeBy !== undefined) {
    const maker = `${describeMaking(madeBy)} by ${shortCallerOf(madeBy)}`;
    below.push(' ', element('span', { class: 'below' }, visible(maker)));
  }
  const everybody = isForEverybody(grant) ? [' ', element('strong', {}, 'everybody')] : [];
  const cells: Record<string, (Node | string)[]> = {
    outcome: [element('span', { class: `badge ${look}` }, `${OUTCOME_WORDS[outcome].words}${seen}`)],
    target: [code(target), ' ', ...below],
    source: [code(source, sourceLook(words)), ...everybody],
    owner: [owner === '' ? '–' : code(owner, 'id')],
    where: whereWords(finding, names),
    why: sentence(why(finding)),
  };
  const row = element('tr', { role: 'row' });
  for (const { key, name } of columns)
    row.append(element('td', { role: 'cell', 'data-name': name }, ...(cells[key] ?? [])));
  const toggle = button({ class: 'quiet', 'aria-expanded': 'false' }, 'Details', (self) => {
    const open = self.getAttribute('aria-expanded') === 'true';
    self.setAttribute('aria-expanded', String(!open));
    if (open) row.nextElementSibling?.remove();
    else row.after(detailRow(finding, columns.length + 1, names));
  });
  row.append(element('td', { role: 'cell', class: 'act' }, toggle));
  return row;
}

/** `tcp 6379, described as "for the migration"` */
function describeRule(rule: RuleText): (Node | string)[] {
  const { description } = rule;
  return [ruleWords(rule), ...(description === undefined ? [] : [', described as ', code(description)])];
}

/** `111122223333 (shop-prod) us-east-1` */
function whereWords({ grant }: Finding, names: HowToShow['names']): (Node | string)[] {
  const name = names.get(grant.account);
  return [code(grant.account, 'id'), `${name === undefined ? '' : ` (${visible(name)})`} ${grant.region}`];
}

function detailRow(finding: Finding, width: number, names: HowToShow['names']): HTMLElement {
  const { grant, decision, status, problem, revocationRequestId, securityGroupRule, remark, verifiedGone, madeBy } =
    finding;
  const facts = element('dl', { class: 'facts' });
  const fact = (name: string, ...value: (Node | string)[]) =>
    facts.append(element('div', {}, element('dt', {}, name), element('dd', {}, ...value)));
  if (decision.effect === 'deny') {
    const reasons = decision.reasons.map(({ text }) => element('li', {}, ...sentence(text)));
    fact('Denied, because', element('ul', {}, ...reasons));
  }
  if (goesAlong(finding))
    fact('Allowed, but', 'another grant of its security group rule is denied, and a rule goes as a whole');
  fact('Where', ...whereWords(finding, names));
  if (grant.kind === 'vpc') {
    const { cacheName, clusterNames = [], ports, securityGroupId, securityGroupRuleId } = grant.target;
    const { sourceKind, source, owner } = grantWords(grant);
    fact('Cache', code(cacheName), ` on ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`);
    if (clusterNames.length > 0) fact('Its clusters', ...clusterNames.flatMap((name) => [code(name), ' ']));
    const named = grant.source.kind === 'securityGroup' ? (grant.source.securityGroupName ?? '') : '';
    fact(
      'Reached by',
      `${sourceKind} `,
      code(source),
      ...(named === '' ? [] : [' (', code(named), ')']),
      ...(owner === '' ? [] : [' of ', code(owner, 'id')]),
    );
    if (securityGroupId === undefined) fact('Because of', 'its public endpoint');
    else {
      const group = code(securityGroupId, 'aws-id');
      fact('Because of', code(securityGroupRuleId, 'aws-id'), ', a rule of security group ', group);
    }
  } else fact('ElastiCache said', code(status));
  if (securityGroupRule !== undefined) fact('What that rule says', ...describeRule(securityGroupRule));
  if (madeBy !== undefined) fact('Who made it', visible(describeMadeBy(madeBy)));
  if (remark !== undefined) fact('Note', ...sentence(remark));
  if (problem !== undefined) fact('What went wrong', ...sentence(problem));
  if (revocationRequestId !== undefined) fact('Request id of the revocation', code(revocationRequestId, 'id'));
  if (verifiedGone !== undefined) fact('Looked at again', verifiedGone ? 'it was gone' : 'it was still there');
  const parts: Node[] = [facts];
  const command = revokeCommand(grant);
  if (isStanding(finding) && command !== undefined) {
    parts.push(
      element(
        'pre',
        { tabindex: '0', 'aria-label': `Command that revokes ${grant.kind === 'vpc' ? 'the rule' : 'it'}` },
        element(
          'code',
          {},
          ...splitAtIds(visible(command)).map((part, i) =>
            i % 2 === 1 ? element('span', { class: 'whole' }, part) : part,
          ),
        ),
      ),
      copyButton('command', () => command),
    );
  }
  if (grant.kind === 'vpc') {
    const { securityGroupRuleId } = grant.target;
    if (securityGroupRuleId !== undefined) parts.push(copyButton('rule id', () => securityGroupRuleId));
  }
  parts.push(copyButton('finding as JSON', () => JSON.stringify(finding, null, 2)));
  return element(
    'tr',
    { role: 'row', class: 'detail' },
    element('td', { role: 'cell', colspan: String(width) }, ...parts),
  );
}
