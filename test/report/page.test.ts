import { describe, expect, it } from 'vitest';
import { makePageAssets } from '../../build/report-page.ts';
import * as ASSETS from '../../src/report/html/page-assets.ts';
import { choose, toRow } from '../../src/report/page/choose.ts';
import { DEFAULT_STATE, readHash, toHash, type ViewState } from '../../src/report/page/view-state.ts';
import { enforcedReport, troubledReport } from '../support/audit-reports.ts';

it("the page's styles and script are those of its sources (npm run page writes them)", async () => {
  expect({ ...ASSETS }).toEqual(await makePageAssets());
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
  const rows = [...troubledReport().findings, ...enforcedReport().findings].map(toRow);
  const shown = (change: Partial<ViewState>) =>
    choose(rows, { ...DEFAULT_STATE, ...change }).map(({ finding }) => finding);

  it('are all of them, in the order of the report, until something is chosen', () => {
    expect(shown({})).toEqual(rows.map(({ finding }) => finding));
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
    const owners = shown({ sort: 'owner' }).map(({ grant }) => grant.source.ec2SecurityGroupOwnerId);

    expect(owners).toEqual(owners.toSorted());
    expect(shown({ sort: 'owner', descending: true })[0]?.grant.source.ec2SecurityGroupOwnerId).toBe('999988887777');
    const sessions = (findings: typeof shown extends (...args: never) => infer R ? R : never) =>
      findings.filter(({ grant }) => grant.target.cacheSecurityGroupName === 'sessions');
    expect(sessions(shown({ sort: 'target' }))).toEqual(sessions(shown({})));
  });
});
