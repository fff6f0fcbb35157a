// The page at / of the local AWS. The server's side of it is console.ts.
import { code, element } from '../../../page-kit/elements.ts';
import type { Change, State } from '../messages.ts';
import { cacheList } from './caches.ts';
import { classicTab } from './classic.ts';
import { decisionList } from './decisions.ts';
import { openForm } from './open-form.ts';
import { byId, offer, type Shown } from './page.ts';
import { startTabs } from './tabs.ts';

const form = openForm();
const parts = [cacheList(form.choose), form, classicTab()];
const decisions = decisionList();
const connection = byId('connection', HTMLElement);
const account = byId('account', HTMLSelectElement);
let shown: Shown | undefined;
let source: EventSource | undefined;

function connect(): void {
  source?.close();
  source = new EventSource('/console/events');
  source.addEventListener('state', ({ data }) => {
    const { entries, about, places, morePlaces }: State = JSON.parse(data);
    offer(
      account,
      about.accounts.map(({ id, name }) => [id, name === undefined ? id : `${name} (${id})`]),
    );
    byId('account-field', HTMLElement).hidden = about.accounts.length < 2;
    show({ about, places, morePlaces, account: account.value });
    showAbout(about);
    if (shown !== undefined) decisions.reset(shown, entries);
    setConnection('live', 'Live');
  });
  source.addEventListener('change', ({ data }) => {
    const { entries, places, morePlaces = 0 }: Change = JSON.parse(data);
    if (places !== undefined && shown !== undefined) show({ ...shown, places, morePlaces });
    decisions.update(entries);
  });
  source.addEventListener('error', () => {
    const hasEnded = source?.readyState === EventSource.CLOSED;
    setConnection('lost', hasEnded ? 'Not connected: reload the page' : 'Connection lost, trying again');
  });
}

function show(now: Shown): void {
  shown = now;
  for (const part of parts) part.show(now);
}

function setConnection(state: 'live' | 'lost', words: string): void {
  if (connection.textContent === words) return;
  connection.className = `connection ${state}`;
  connection.textContent = words;
}

function showAbout({ accounts, regions, guard }: State['about']): void {
  const facts = [
    ...(accounts.length === 1 ? [['Account', accounts[0]?.id ?? '']] : []),
    [regions.length === 1 ? 'Region' : 'Regions', regions.join(', ')],
    ['Mode', guard?.mode ?? 'not deployed'],
    ...(guard ? [['Allowlist', guard.allowlist]] : []),
  ];
  byId('about', HTMLElement).replaceChildren(
    ...facts.map(([name = '', value = '']) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, code(value))),
    ),
  );
  const notice = byId('notice', HTMLElement);
  notice.hidden = guard?.mode === 'enforce';
  notice.replaceChildren(
    ...(guard === undefined
      ? [
          element('strong', {}, 'Nothing is evaluated. '),
          'This local AWS was started with ',
          code('--no-enforcer'),
          ': what is opened stays open.',
        ]
      : [
          element('strong', {}, 'Report-only. '),
          'What the allowlist does not allow is reported, and stays. Start with ',
          code('--mode enforce'),
          ' to have it revoked.',
        ]),
  );
}

account.addEventListener('change', () => {
  if (shown !== undefined) show({ ...shown, account: account.value });
});
// A browser opens few connections to one server: pages that no one looks at give theirs back.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') connect();
  else source?.close();
});
startTabs();
connect();
