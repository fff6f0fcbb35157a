import { describe, expect, it } from 'vitest';
import { makeConsoleAssets, makeReportAssets } from '../../bin/write-pages.ts';
import * as CONSOLE_ASSETS from '../../src/local/console/page-assets.ts';
import type { Finding } from '../../src/policy/finding.ts';
import { grantWords } from '../../src/report/grant-words.ts';
import * as ASSETS from '../../src/report/html/page-assets.ts';
import { choose, type Row, toRow, why } from '../../src/report/page/choose.ts';
import { DEFAULT_STATE, readHash, toHash, type ViewState } from '../../src/report/page/view-state.ts';
import { enforcedReport, troubledReport } from '../support/examples/audit-reports.ts';
import { bothKindsReport, vpcEnforcedReport } from '../support/examples/vpc-audit-reports.ts';

it('the styles and scripts of both pages are those of their sources (npm run page writes them)', async () => {
  expect({ ...ASSETS }).toEqual(await makeReportAssets());
  expect({ ...CONSOLE_ASSETS }).toEqual(await makeConsoleAssets());
});

describe("the page's address", () => {
  it.each<[Partial<ViewState>, string]>([
    [{}, ''],
    [{ query: 'web blue', page: 3 }, '#query=web+blue&page=3'],
    [{ show: 'standing', sort: 'owner', descending: true }, '#show=standing&sort=-owner'],
    [{ cause: 'a&b=c/#ownerId', region: 'us-east-1' }, '#cause=a%26b%3Dc%2F%23ownerId&region=us-east-1'],
  ])('holds the view, and only what is not as by default: %o', (change, hash) => {
    const state = { ...DEFAULT_STATE, ...change };

    expect(toHash(state)).toBe(hash);
    expect(readHash(hash)).toEqual(state);
  });

  it.each(['#page=-1', '#page=x', '#page=1e99', '#sort=__proto__', '#sort=-', '#%', '#&&==', '#findings'])(
    'is read as the default where it makes no sense: %s',
    (hash) => {
      expect(readHash(hash)).toEqual(DEFAULT_STATE);
    },
  );
});

describe('the findings that are shown', () => {
  const rows = [...troubledReport().findings, ...enforcedReport().findings].map((finding) => toRow(finding));
  const shown = (change: Partial<ViewState>) =>
    choose(rows, { ...DEFAULT_STATE, ...change }).map(({ finding }) => finding);

  it('are all of them, in the order of the report, until something is chosen', () => {
    expect(shown({})).toEqual(rows.map(({ finding }) => finding));
  });

  it('can be chosen by the name of their account', () => {
    const [first, second] = troubledReport().findings.map((finding, i) =>
      toRow(finding, i === 0 ? 'Shop-Prod' : 'blog'),
    );

    const chosen = choose([first, second] as Row[], { ...DEFAULT_STATE, query: 'shop' });

    expect(chosen).toEqual([first]);
  });

  it.each<[string, Partial<ViewState>, number]>([
    ['words of names, in any case and order', { query: 'BLUE sess' }, 3],
    ['an owner id', { query: '999988887777' }, 1],
    ['part of a request id', { query: '000000000002' }, 1],
    ['an outcome in words', { query: 'would revoke' }, 5],
    ['a problem', { query: 'accessdenied' }, 1],
    ['nothing at all', { query: 'nowhere-to-be-found' }, 0],
    ['an outcome', { show: 'failed' }, 1],
    ['what is disallowed', { show: 'disallowed' }, 9],
    ['what stands', { show: 'standing' }, 7],
    ['a cause', { cause: 'web-to-sessions/ownerId' }, 3],
    ['a region', { region: 'eu-west-1' }, 0],
    ['several at once', { show: 'disallowed', query: 'queue' }, 3],
  ])('can be chosen by %s', (_, change, number) => {
    expect(shown(change)).toHaveLength(number);
  });

  it('can be sorted either way, and keep their order where they are alike', () => {
    const ownersOf = (findings: readonly Finding[]) => findings.map(({ grant }) => grantWords(grant).owner);
    const owners = ownersOf(shown({ sort: 'owner' }));

    expect(owners).toEqual(owners.toSorted());
    expect(ownersOf(shown({ sort: 'owner', descending: true }))[0]).toBe('999988887777');
    const sessions = (findings: readonly Finding[]) =>
      findings.filter(({ grant }) => grantWords(grant).target === 'sessions');
    expect(sessions(shown({ sort: 'target' }))).toEqual(sessions(shown({})));
  });
});

describe('the findings of both kinds that are shown', () => {
  const rows = [...bothKindsReport().findings, ...vpcEnforcedReport().findings].map((finding) => toRow(finding));
  const shown = (change: Partial<ViewState>) =>
    choose(rows, { ...DEFAULT_STATE, ...change }).map(({ finding }) => finding);

  it.each<[string, Partial<ViewState>, number]>([
    ['the id of a rule', { query: 'sgr-00000000000000010' }, 4],
    ['the id of the security group that guards', { query: 'sg-000000000000000ca' }, 41],
    ['the id of a source', { query: 'sg-00000000000000bad' }, 4],
    ['a CIDR', { query: '10.21.0.0/24' }, 4],
    ['a prefix list', { query: 'pl-00000000000000002' }, 2],
    ['a cache and its port', { query: 'orders:6379' }, 18],
    ['the description of a rule', { query: 'debugging temporary' }, 4],
    ['the ports of a rule', { query: '0 to 65535' }, 6],
    ['everybody', { show: 'everybody' }, 10],
    ['the word everybody', { query: 'everybody' }, 10],
    ['what stands', { show: 'standing' }, 23],
    ['a cause', { cause: 'office-to-caches/cidr' }, 4],
    ['what is open to everybody', { cause: '//everybody' }, 10],
    ['a kind of source', { query: 'prefix list' }, 8],
  ])('can be chosen by %s', (_, change, number) => {
    expect(shown(change)).toHaveLength(number);
  });

  it('say of an allowed grant whose rule went what took it along', () => {
    const [along] = shown({}).filter(({ decision, outcome }) => decision.effect === 'allow' && outcome === 'revoked');

    expect(along && why(along)).toBe('rule `web-to-orders`, but another grant of its security group rule is denied');
  });
});
