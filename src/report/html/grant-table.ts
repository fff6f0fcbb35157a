import type { Finding } from '../../policy/finding.ts';
import type { MadeBy } from '../../policy/made-by.ts';
import { type GrantHeads, grantHeads, grantWords, isForEverybody, sourceLook } from '../grant-words.ts';
import { callerOf, describeMaking, shortCallerOf } from '../made-by-words.ts';
import { describeAccount } from '../organization.ts';
import { isStanding } from '../verdict.ts';
import { capital, OUTCOME_WORDS } from '../wording.ts';
import { html, type Markup, sentence } from './markup.ts';

interface HowToShow {
  readonly label: string;
  /** Whether each grant says where it is. */
  readonly where: boolean;
  /** Of accounts, where they are known. */
  readonly names: ReadonlyMap<string, string>;
  /** What is said of a grant in the place of its outcome. */
  readonly saysOf?: ((finding: Finding) => string) | undefined;
}

/** A table of denied grants. Its roles are said, because styles that make blocks of rows take them away. */
export function grantTable(findings: readonly Finding[], { label, where, names, saysOf }: HowToShow): Markup {
  const heads = grantHeads(findings);
  const withMaker = findings.some(({ madeBy }) => madeBy !== undefined);
  const columns = [
    capital(heads.target),
    capital(heads.source),
    ...(heads.withOwner ? [ITS_OWNER] : []),
    ...(withMaker ? [WHO_MADE_IT] : []),
    ...(where ? ['Where'] : []),
    'Outcome',
  ];
  return html`<table class="grants" role="table" aria-label="${label.replaceAll('`', '')}">
<thead role="rowgroup"><tr role="row">${columns.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">${findings.map((finding) => grantRow(finding, { heads, withMaker, names: where ? names : undefined, saysOf }))}
</tbody></table>`;
}

const ITS_OWNER = 'Its owner';
const WHO_MADE_IT = 'Who made it';

interface Columns extends Pick<HowToShow, 'saysOf'> {
  readonly heads: GrantHeads;
  readonly withMaker: boolean;
  /** Of accounts; not there if all grants are at one place. */
  readonly names: ReadonlyMap<string, string> | undefined;
}

function grantRow(finding: Finding, { heads, withMaker, names, saysOf }: Columns): Markup {
  const { grant, madeBy } = finding;
  const description = finding.securityGroupRule?.description;
  const words = grantWords(grant);
  const { targetKind, target, rule, source, owner } = words;
  const cell = (name: string, value: Markup) => html`<td role="cell" data-name="${name}">${value}</td>`;
  return html`
<tr role="row">${cell(
    capital(heads.target),
    html`<code>${target}</code>${
      rule === undefined
        ? heads.isMixed && html` <span class="below">${targetKind}</span>`
        : html` <code class="aws-id below">${rule}</code>`
    }${description !== undefined && html` <span class="below">“${description}”</span>`}`,
  )}${cell(
    capital(heads.source),
    html`<code class="${sourceLook(words)}">${source}</code>${isForEverybody(grant) && html` <strong>everybody</strong>`}`,
  )}${heads.withOwner && cell(ITS_OWNER, owner === '' ? html`–` : html`<code class="id">${owner}</code>`)}${
    withMaker && cell(WHO_MADE_IT, madeBy === undefined ? html`–` : makerMarkup(madeBy))
  }${
    names !== undefined &&
    cell('Where', html`${describeAccount({ account: grant.account, name: names.get(grant.account) })}, ${grant.region}`)
  }${cell('Outcome', saysOf === undefined ? outcomeMarkup(finding) : html`<span class="badge">${saysOf(finding)}</span>`)}</tr>`;
}

/** The name that people know first, then the whole of it. */
function makerMarkup(madeBy: MadeBy): Markup {
  return html`${shortCallerOf(madeBy)} <span class="below">${describeMaking(madeBy)}</span> <code class="below">${callerOf(madeBy)}</code>`;
}

function outcomeMarkup(finding: Finding): Markup {
  const { outcome, problem, verifiedGone } = finding;
  const look = isStanding(finding) ? 'bad' : 'gone';
  const seen = verifiedGone === undefined ? '' : verifiedGone ? ', seen gone' : ', still there';
  return html`<span class="badge ${look}">${OUTCOME_WORDS[outcome].words}${seen}</span>${problem !== undefined && html` <span class="soft">${sentence(problem)}</span>`}`;
}
