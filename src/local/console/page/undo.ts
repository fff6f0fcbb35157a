import { code, copyButton, element, sentence } from '../../../page-kit/elements.ts';
import { visible } from '../../../page-kit/visible.ts';
import type { Advice, Decided } from '../messages.ts';
import { callApi, callButton, describeFailure } from './calls.ts';
import { authorizeParameters } from './grants.ts';

/** Whether a decision says all that it takes to undo its revocation. */
export function canUndo({ outcome, rule, text, source, cacheSecurityGroup }: Decided): boolean {
  if (outcome !== 'revoked' || source === undefined) return false;
  return cacheSecurityGroup !== undefined || (rule !== undefined && text !== undefined);
}

/** What it takes to undo a revocation: whether what was revoked could stand, what to allow first, and the call that makes it again. */
export function undoPanel(decided: Decided, which: Which, allowlist: string): HTMLElement {
  const advice = element('div', { role: 'status' }, 'Asking the allowlist');
  const result = element('div', { role: 'status' });
  const what = decided.cacheSecurityGroup === undefined ? 'the rule' : 'the grant';
  const again = callButton({ class: 'main', 'data-key': `${which.key} again` }, `Make ${what} again`, async () => {
    result.className = '';
    try {
      result.replaceChildren(...sentence(await restore(decided)));
    } catch (error) {
      result.className = 'error';
      result.replaceChildren(...describeFailure(error));
    }
  });
  void ask(which).then((known) => advice.replaceChildren(...describe(known, what, allowlist, which)));
  return element('div', { class: 'undo' }, advice, again, result);
}

/** Which grant of which entry, and the `data-key` of its button. */
interface Which {
  readonly entryId: number;
  readonly index: number;
  readonly key: string;
}

async function ask({ entryId, index }: Which): Promise<Advice | string> {
  const answer = await fetch(`/console/undo?entry=${entryId}&decided=${index}`).catch(() => undefined);
  if (answer === undefined) return 'The local AWS has ended.';
  return answer.ok ? await answer.json() : await answer.text();
}

function describe(advice: Advice | string, what: string, allowlist: string, { key }: Which): (Node | string)[] {
  if (typeof advice === 'string') return [element('p', {}, advice)];
  if (!advice.isDenied)
    return [element('p', {}, `The allowlist allows it now: Ingress Guard would leave ${what} alone.`)];
  const denied = element('p', {}, `The allowlist does not allow it: Ingress Guard would revoke ${what} again.`);
  if (advice.rules === '') return [denied, element('p', {}, ...sentence(advice.never))];
  const copy = copyButton('rule', () => advice.rules);
  copy.dataset.key = `${key} copy`;
  return [
    denied,
    element('p', {}, 'To allow it, add this to the rules in ', code(allowlist), ' first:'),
    element(
      'pre',
      { tabindex: '0', 'aria-label': 'Allowlist rule', 'data-key': `${key} text` },
      element('code', {}, advice.rules.split('\n').map(visible).join('\n')),
    ),
    copy,
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
