import { button, code, copyButton, element, sentence } from '../../../page-kit/elements.ts';
import { visible } from '../../../page-kit/visible.ts';
import type { Advice, Decided } from '../messages.ts';
import { callApi, describeFailure } from './calls.ts';
import { authorizeParameters } from './grants.ts';

/** Whether a decision says all that it takes to undo its revocation. */
export function canUndo({ outcome, rule, text, source, cacheSecurityGroup }: Decided): boolean {
  if (outcome !== 'revoked' || source === undefined) return false;
  return cacheSecurityGroup !== undefined || (rule !== undefined && text !== undefined);
}

/** What it takes to undo a revocation: whether what was revoked could stand, what to allow first, and the call that makes it again. */
export function undoPanel(decided: Decided, entryId: number, index: number, allowlist: string): HTMLElement {
  const advice = element('div', { role: 'status' }, 'Asking the allowlist');
  const result = element('div', { role: 'status' });
  const what = decided.cacheSecurityGroup === undefined ? 'the rule' : 'the grant';
  const again = button({ class: 'main' }, `Make ${what} again`, async (self) => {
    if (self.getAttribute('aria-disabled') === 'true') return;
    self.setAttribute('aria-disabled', 'true');
    result.className = '';
    try {
      result.replaceChildren(...sentence(await restore(decided)));
    } catch (error) {
      result.className = 'error';
      result.replaceChildren(...describeFailure(error));
    } finally {
      self.removeAttribute('aria-disabled');
    }
  });
  void ask(entryId, index).then((known) => advice.replaceChildren(...describe(known, what, allowlist)));
  return element('div', { class: 'undo' }, advice, again, result);
}

async function ask(entryId: number, index: number): Promise<Advice | string> {
  const answer = await fetch(`/console/undo?entry=${entryId}&decided=${index}`).catch(() => undefined);
  if (answer === undefined) return 'The local AWS has ended.';
  return answer.ok ? await answer.json() : await answer.text();
}

function describe(advice: Advice | string, what: string, allowlist: string): (Node | string)[] {
  if (typeof advice === 'string') return [element('p', {}, advice)];
  if (!advice.isDenied)
    return [element('p', {}, `The allowlist allows it now: Ingress Guard would leave ${what} alone.`)];
  const denied = element('p', {}, `The allowlist does not allow it: Ingress Guard would revoke ${what} again.`);
  if (advice.rules === '') return [denied, element('p', {}, ...sentence(advice.never))];
  return [
    denied,
    element('p', {}, 'To allow it, add this to the rules in ', code(allowlist), ' first:'),
    element(
      'pre',
      { tabindex: '0', 'aria-label': 'Allowlist rule' },
      element('code', {}, advice.rules.split('\n').map(visible).join('\n')),
    ),
    copyButton('rule', () => advice.rules),
  ];
}

/** Makes what was revoked again. @returns what was done. */
async function restore(decided: Decided): Promise<string> {
  const { rule, text, source, cacheSecurityGroup } = decided;
  if (source === undefined) return '';
  if (cacheSecurityGroup !== undefined) {
    await callApi(decided, 'elasticache', 'AuthorizeCacheSecurityGroupIngress', {
      CacheSecurityGroupName: cacheSecurityGroup,
      EC2SecurityGroupName: source.id,
      EC2SecurityGroupOwnerId: source.owner ?? '',
    });
    return `Authorized \`${source.id}\` again.`;
  }
  if (rule === undefined || text === undefined) return '';
  const parameters = authorizeParameters(rule.group, text, source);
  const answer = await callApi(decided, 'ec2', 'AuthorizeSecurityGroupIngress', parameters);
  const id = answer.getElementsByTagName('securityGroupRuleId')[0]?.textContent ?? '';
  return `Made again, as \`${id}\`. Its own decision has the outcome.`;
}
