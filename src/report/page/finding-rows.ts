import type { Finding } from '../../policy/finding.ts';
import { revokeCommand } from '../remedy.ts';
import { isStanding } from '../verdict.ts';
import { OUTCOME_WORDS } from '../wording.ts';
import { why } from './choose.ts';
import { button, code, copyButton, element, sentence } from './elements.ts';

/** A row of the table of findings, and the row with its details once it was asked for. */
export function findingRow(
  finding: Finding,
  columns: readonly { readonly key: string; readonly name: string }[],
): HTMLElement {
  const { grant, outcome, verifiedGone } = finding;
  const seen = verifiedGone === undefined ? '' : verifiedGone ? ', seen gone' : ', still there';
  const look = isStanding(finding) ? 'bad' : OUTCOME_WORDS[outcome].look;
  const cells: Record<string, (Node | string)[]> = {
    outcome: [element('span', { class: `badge ${look}` }, `${OUTCOME_WORDS[outcome].words}${seen}`)],
    target: [code(grant.target.cacheSecurityGroupName)],
    source: [code(grant.source.ec2SecurityGroupName)],
    owner: [code(grant.source.ec2SecurityGroupOwnerId, 'id')],
    where: [code(grant.account, 'id'), ` ${grant.region}`],
    why: sentence(why(finding)),
  };
  const row = element('tr', { role: 'row' });
  for (const { key, name } of columns)
    row.append(element('td', { role: 'cell', 'data-name': name }, ...(cells[key] ?? [])));
  const toggle = button({ class: 'quiet', 'aria-expanded': 'false' }, 'Details', (self) => {
    const open = self.getAttribute('aria-expanded') === 'true';
    self.setAttribute('aria-expanded', String(!open));
    if (open) row.nextElementSibling?.remove();
    else row.after(detailRow(finding, columns.length + 1));
  });
  row.append(element('td', { role: 'cell', class: 'act' }, toggle));
  return row;
}

function detailRow(finding: Finding, width: number): HTMLElement {
  const { grant, decision, status, problem, revocationRequestId, verifiedGone } = finding;
  const facts = element('dl', { class: 'facts' });
  const fact = (name: string, ...value: (Node | string)[]) =>
    facts.append(element('div', {}, element('dt', {}, name), element('dd', {}, ...value)));
  if (decision.effect === 'deny') {
    const reasons = decision.reasons.map(({ text }) => element('li', {}, ...sentence(text)));
    fact('Denied, because', element('ul', {}, ...reasons));
  }
  fact('Where', code(grant.account, 'id'), ` ${grant.region}`);
  fact('ElastiCache said', code(status));
  if (problem !== undefined) fact('What went wrong', ...sentence(problem));
  if (revocationRequestId !== undefined) fact('Request id of the revocation', code(revocationRequestId, 'id'));
  if (verifiedGone !== undefined) fact('Looked at again', verifiedGone ? 'it was gone' : 'it was still there');
  const parts: Node[] = [facts];
  const command = revokeCommand(grant);
  if (isStanding(finding)) {
    parts.push(
      element('pre', { tabindex: '0', 'aria-label': 'Command that revokes it' }, code(command)),
      copyButton('command', () => command),
    );
  }
  parts.push(copyButton('finding as JSON', () => JSON.stringify(finding, null, 2)));
  return element(
    'tr',
    { role: 'row', class: 'detail' },
    element('td', { role: 'cell', colspan: String(width) }, ...parts),
  );
}
