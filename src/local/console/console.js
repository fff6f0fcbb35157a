// @ts-check
// The page at / of the local AWS. The server's side of it is console.ts.
/** @import { About, Change, State } from './messages.ts' */
import { decisionList } from './decisions.js';
import { byId, element } from './elements.js';
import { authorizeForm } from './form.js';
import { showGroups } from './groups.js';

const decisions = decisionList();
const form = authorizeForm();
const connection = byId('connection', HTMLElement);
/** @type {About | undefined} */
let about;

/** @type {EventSource | undefined} */
let source;

function connect() {
  source?.close();
  source = new EventSource('/console/events');
  source.addEventListener('state', ({ data }) => {
    /** @type {State} */
    const state = JSON.parse(data);
    about = state.about;
    showAbout(about);
    form.reset(about);
    form.update(state.groups);
    showGroups(about, state);
    decisions.reset(about, state.entries);
    setConnection('live', 'Live');
  });
  source.addEventListener('change', ({ data }) => {
    /** @type {Change} */
    const { entries, groups, moreGroups = 0 } = JSON.parse(data);
    if (groups !== undefined && about !== undefined) {
      form.update(groups);
      showGroups(about, { groups, moreGroups });
    }
    decisions.update(entries);
  });
  source.addEventListener('error', () => {
    const ended = source?.readyState === EventSource.CLOSED;
    setConnection('lost', ended ? 'Not connected: reload the page' : 'Connection lost, trying again');
  });
}

/**
 * @param {'live' | 'lost'} state
 * @param {string} words
 */
function setConnection(state, words) {
  if (connection.textContent === words) return;
  connection.className = `connection ${state}`;
  connection.textContent = words;
}

/** @param {About} about */
function showAbout({ account, regions, guard }) {
  const facts = [
    ['Account', account],
    [regions.length === 1 ? 'Region' : 'Regions', regions.join(', ')],
    ['Mode', guard?.mode ?? 'no enforcer'],
    ...(guard ? [['Allowlist', guard.allowlist]] : []),
  ];
  byId('about', HTMLElement).replaceChildren(
    ...facts.map(([name = '', value = '']) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
  const notice = byId('notice', HTMLElement);
  notice.hidden = guard?.mode === 'enforce';
  notice.replaceChildren(
    ...(guard === undefined
      ? [
          element('strong', {}, 'Nothing is judged. '),
          'This local AWS was started with ',
          element('code', {}, '--no-enforcer'),
          ': grants stay until somebody revokes them.',
        ]
      : [
          element('strong', {}, 'Report-only. '),
          'What no rule allows is reported and stays. Start with ',
          element('code', {}, '--mode enforce'),
          ' to have it revoked.',
        ]),
  );
}

// A browser opens few connections to one server: pages that nobody looks at give theirs back.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') connect();
  else source?.close();
});
connect();
