import { duration } from '../../../page-kit/duration.ts';
import { type Child, code, element, sentence } from '../../../page-kit/elements.ts';
import type { About, Decided, Entry } from '../messages.ts';
import { badge } from './badges.ts';
import { grantNodes } from './grants.ts';
import { timeLine } from './time-line.ts';

const TIME = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

/** The grant of an entry that is about one alone. */
export function onlyGrantOf({ decided, moreDecided }: Entry): Decided | undefined {
  return decided.length + moreDecided === 1 ? decided[0] : undefined;
}

/**
 * What is in an entry of the list of decisions.
 *
 * @param about what the page knows of the local AWS.
 * @param drawUndo draws what it takes to undo a decision, by its place in the entry.
 */
export function drawDecision(
  entry: Entry,
  about: About | undefined,
  drawUndo: (decided: Decided, index: number) => readonly Child[],
): Node[] {
  const { decided, moreDecided, why, title } = entry;
  const only = onlyGrantOf(entry);
  const where = [only === undefined ? '' : title, ...whereOf(entry, about)].filter((text) => text !== '').join(' · ');
  return [
    drawOutcome(entry),
    element('h3', {}, ...(only === undefined ? [title] : grantNodes(only))),
    element('p', { class: 'hint' }, where),
    ...(why === '' ? [] : [element('p', { class: 'why' }, ...sentence(why))]),
    only === undefined
      ? element(
          'ul',
          { class: 'grants' },
          ...decided.map((one, i) => element('li', {}, drawGrant(one, true, drawUndo(one, i)))),
        )
      : drawGrant(only, false, drawUndo(only, 0)),
    ...(moreDecided > 0 ? [element('p', { class: 'hint' }, `and ${moreDecided} more grants`)] : []),
    ...timeLine(entry),
  ];
}

function drawOutcome({ outcome, stoodMs, startedAt, steps }: Entry): HTMLElement {
  const time = new Date(startedAt);
  return element(
    'div',
    { class: 'outcome' },
    badge(outcome),
    steps.some(({ kind }) => kind === 'dead-letter') && element('span', { class: 'hint' }, 'in the dead-letter queue'),
    stoodMs !== undefined && element('span', { class: 'hint' }, `revoked after ${duration(stoodMs)}`),
    element('time', { class: 'hint end', datetime: time.toISOString() }, TIME.format(time)),
  );
}

/** Account and region, where there are several. */
function whereOf({ account, region }: Entry, about: About | undefined): string[] {
  const { accounts = [], regions = [] } = about ?? {};
  return [
    ...(accounts.length > 1 && account !== '' ? [nameOfAccount(account, accounts)] : []),
    ...(regions.length > 1 && region !== '' ? [region] : []),
  ];
}

function nameOfAccount(id: string, accounts: About['accounts']): string {
  const name = accounts.find((one) => one.id === id)?.name;
  return name === undefined ? id : `${name} (${id})`;
}

function drawGrant(decided: Decided, isNamed: boolean, undo: readonly Child[]): HTMLElement {
  const { rule, why, outcome } = decided;
  return element(
    'div',
    { class: 'grant' },
    isNamed && element('p', { class: 'named' }, badge(outcome), ' ', ...grantNodes(decided)),
    rule && element('p', { class: 'hint' }, 'by rule ', code(rule.id), ' of ', code(rule.group)),
    why !== '' && element('p', { class: 'why' }, ...sentence(why)),
    ...undo,
  );
}
