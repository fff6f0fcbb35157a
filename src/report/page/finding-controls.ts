import { button, element } from '../../page-kit/elements.ts';
import type { AuditReport } from '../audit-report.ts';
import { groupByCause } from '../causes.ts';
import { isForEverybody } from '../grant-words.ts';
import { isDenied, isStanding } from '../verdict.ts';
import { OUTCOME_WORDS, thousands, visible } from '../wording.ts';
import { DEFAULT_STATE, toHash, type ViewState } from './view-state.ts';

/** A longer list of choices is no help. */
const MOST_CHOICES = 200;

/** What chooses among the findings. `onChange` gets what was chosen: findings are shown from the first page then. */
export function findingControls(report: AuditReport, onChange: (chosen: Partial<ViewState>) => void) {
  const query = element('input', { type: 'search', id: 'query', autocomplete: 'off', spellcheck: 'false' });
  const show = select('show', showChoices(report));
  const cause = select('cause', causeChoices(report));
  const region = select('region', regionChoices(report));
  const reset = button({ class: 'quiet' }, 'Show all', () => onChange(DEFAULT_STATE));
  query.addEventListener('input', () => onChange({ query: query.value }));
  show.addEventListener('change', () => onChange({ show: show.value }));
  cause.addEventListener('change', () => onChange({ cause: cause.value }));
  region.addEventListener('change', () => onChange({ region: region.value }));
  return {
    root: element(
      'div',
      { class: 'controls', role: 'search', 'aria-label': 'Findings' },
      field('Search', query),
      field('Show', show),
      ...(cause.options.length > 2 ? [field('Cause', cause)] : []),
      ...(region.options.length > 2 ? [field('Region', region)] : []),
      reset,
    ),
    /** Shows what is chosen now. */
    update(state: ViewState): void {
      if (query.value !== state.query) query.value = state.query;
      choice(show, state.show);
      choice(cause, state.cause);
      choice(region, state.region);
      reset.hidden = toHash(state) === '';
    },
  };
}

function field(name: string, control: HTMLInputElement | HTMLSelectElement): HTMLElement {
  return element('label', { class: 'field' }, element('span', {}, name), control);
}

type Choice = readonly [value: string, text: string];

function select(id: string, choices: readonly Choice[]): HTMLSelectElement {
  return element('select', { id }, ...choices.map(([value, text]) => element('option', { value }, visible(text))));
}

/** Chooses a value that an address asks for, also one that the page did not think of. */
function choice(control: HTMLSelectElement, value: string): void {
  if (![...control.options].some((option) => option.value === value)) {
    control.append(element('option', { value }, visible(value.slice(0, 100))));
  }
  control.value = value;
}

function showChoices({ findings }: AuditReport): Choice[] {
  const outcomes = new Map<string, number>();
  for (const { outcome } of findings) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const denied = findings.filter(isDenied).length;
  const standing = findings.filter(isStanding).length;
  const everybody = findings.filter(({ grant }) => isForEverybody(grant)).length;
  const named = Object.entries(OUTCOME_WORDS).flatMap(([outcome, { words }]): Choice[] => {
    const number = outcomes.get(outcome);
    return number === undefined ? [] : [[outcome, `Outcome: ${words} (${thousands(number)})`]];
  });
  return [
    ['all', `All (${thousands(findings.length)})`],
    ['disallowed', `Disallowed (${thousands(denied)})`],
    ['standing', `Disallowed and standing (${thousands(standing)})`],
    ...(everybody > 0 ? [['everybody', `Open to everybody (${thousands(everybody)})`] as const] : []),
    ...named,
  ];
}

function causeChoices({ findings }: AuditReport): Choice[] {
  const causes = groupByCause(findings).slice(0, MOST_CHOICES);
  return [['', 'Any'], ...causes.map(({ key, title }): Choice => [key, title.replaceAll('`', '')])];
}

function regionChoices({ findings }: AuditReport): Choice[] {
  const regions = [...new Set(findings.map(({ grant }) => grant.region))].sort();
  return [['', 'All'], ...regions.map((region): Choice => [region, region])];
}
