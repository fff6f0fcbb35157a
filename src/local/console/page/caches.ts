import { button, code, element, sentence } from '../../../page-kit/elements.ts';
import type { CacheView, GroupView, PlaceId, PlaceView, Reported, RuleView, Verdict } from '../messages.ts';
import { badge } from './badges.ts';
import { callApi, callButton, deleteUnlessUsed, describeFailure, onSubmit, textIn } from './calls.ts';
import { sourceNodes, sourceText, trafficText } from './grants.ts';
import { byId, keepFocus, offer, placesShown, type Shown } from './page.ts';

/** The caches of the account that was chosen, with their security groups, rules and verdicts. */
export function cacheList(onOpen: (region: string, cache: CacheView) => void) {
  const list = byId('cache-list', HTMLElement);
  const create = createForm();
  const revocations: Drawn['revocations'] = new Map();
  function draw(shown: Shown): (Node | string)[] {
    const places = placesShown(shown);
    const count = places.reduce((sum, { caches }) => sum + caches.length, 0);
    const empty =
      count === 0 && element('p', { class: 'card empty' }, 'There is no cache yet. Create one, then open its port.');
    const cards = places.flatMap((place) =>
      place.caches.map((cache) =>
        element(
          'li',
          {},
          drawCache(cache, place, { ...shown, revocations }, () => onOpen(place.region, cache)),
        ),
      ),
    );
    const problems = places.flatMap((place) => place.problems);
    return [
      ...(problems.length === 0 ? [] : [drawProblems(problems)]),
      ...(empty ? [empty] : [element('ul', { class: 'caches' }, ...cards)]),
      ...places.flatMap(({ moreCaches }) => (moreCaches > 0 ? [more(moreCaches, 'caches')] : [])),
      ...(shown.morePlaces > 0 ? [more(shown.morePlaces, 'accounts and regions')] : []),
    ];
  }

  return {
    show(shown: Shown): void {
      create.show(shown);
      keepFocus(list, () => list.replaceChildren(...draw(shown)));
      for (const [key, { revoke }] of revocations) if (!revoke.isConnected) revocations.delete(key);
    },
  };
}

/** A button that revokes a rule, and where its error is said. */
interface Revocation {
  readonly revoke: HTMLButtonElement;
  readonly failure: HTMLElement;
}

interface Drawn extends Shown {
  /** By `data-key`. They outlive a redraw: a call on its way is not made twice, and its error stays. */
  readonly revocations: Map<string, Revocation>;
}

function makeRevocation(key: string, ruleId: string, groupId: string, place: PlaceView): Revocation {
  const failure = element('div', { role: 'alert' });
  const revoke = callButton({ class: 'quiet', 'data-key': key }, 'Revoke', async () => {
    try {
      const parameters = { GroupId: groupId, 'SecurityGroupRuleId.1': ruleId };
      await callApi(place, 'ec2', 'RevokeSecurityGroupIngress', parameters);
    } catch (error) {
      failure.className = 'error';
      failure.replaceChildren(...describeFailure(error));
    }
  });
  return { revoke, failure };
}

function more(number: number, what: string): HTMLElement {
  return element('p', { class: 'hint' }, `and ${number} more ${what}, not shown here`);
}

function drawProblems(problems: readonly string[]): HTMLElement {
  return element(
    'div',
    { class: 'notice' },
    element('strong', {}, 'Not everything could be evaluated.'),
    element('ul', {}, ...problems.slice(0, 10).map((problem) => element('li', {}, ...sentence(problem)))),
  );
}

function drawCache(cache: CacheView, place: PlaceView, shown: Drawn, onOpen: () => void): HTMLElement {
  const { name, kind, engine, status, ports, groups, publicEndpoint } = cache;
  const card = `${place.account} ${place.region} ${kind} ${name}`;
  const facts = [
    kind,
    engine,
    ports.length === 0 ? 'no port yet' : `${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`,
    status,
    ...(shown.about.regions.length > 1 ? [place.region] : []),
  ];
  return element(
    'article',
    { class: 'card cache', 'aria-label': `Cache ${name}` },
    element(
      'div',
      { class: 'line' },
      element('h3', {}, code(name)),
      groups.length > 0 &&
        button(
          {
            class: 'quiet',
            'data-key': `open ${card}`,
            'aria-label': `Open a port of ${name}`,
          },
          'Open a port',
          onOpen,
        ),
    ),
    element('p', { class: 'hint' }, facts.join(' · ')),
    publicEndpoint &&
      element(
        'div',
        { class: 'rule' },
        element('p', { class: 'named' }, badge(publicEndpoint.as), ' public endpoint, open to anyone on the internet'),
        element('p', { class: 'why' }, ...sentence(publicEndpoint.why)),
      ),
    ...groups.map((id) =>
      drawGroup(
        place.groups.find((group) => group.id === id),
        id,
        place,
        card,
        shown,
      ),
    ),
    groups.length === 0 &&
      publicEndpoint === undefined &&
      element('p', { class: 'hint' }, 'The API lists no security group of it.'),
  );
}

function drawGroup(
  group: GroupView | undefined,
  id: string,
  place: PlaceView,
  card: string,
  shown: Drawn,
): HTMLElement {
  const { name = '', rules = [], moreRules = 0 } = group ?? {};
  return element(
    'div',
    { class: 'group' },
    element('p', { class: 'hint' }, 'Security group ', code(id), ...(name ? [' (', code(name), ')'] : [])),
    rules.length === 0
      ? element('p', { class: 'nothing' }, 'No rule: no one gets in.')
      : element(
          'ul',
          { class: 'rules' },
          ...rules.map((rule) => element('li', { class: 'rule' }, ...drawRule(rule, id, place, card, shown))),
        ),
    moreRules > 0 && more(moreRules, 'rules'),
  );
}

function drawRule(
  rule: RuleView,
  groupId: string,
  place: PlaceView,
  card: string,
  { about, revocations }: Drawn,
): HTMLElement[] {
  const { id, source, description, reaches, standing, reported } = rule;
  const guard = about.guard;
  const said = sayOf(standing, reported);
  const isDisputed = reported !== undefined && said === standing && reported.outcome !== 'pending';
  // A group can guard several caches, and is drawn for each of them.
  const key = `revoke ${id} for ${card}`;
  const { revoke, failure } = revocations.get(key) ?? makeRevocation(key, id, groupId, place);
  revocations.set(key, { revoke, failure });
  revoke.setAttribute('aria-label', `Revoke ${id}, which allows access from ${sourceText(source)}`);
  const badges = !reaches
    ? [element('span', { class: 'badge' }, 'opens no port of a cache')]
    : said === undefined
      ? guard === undefined
        ? [badge('not-evaluated')]
        : []
      : [badge(said.as)];
  return [
    element('div', { class: 'line' }, element('p', { class: 'named' }, ...sourceNodes(source), ' ', ...badges), revoke),
    element(
      'p',
      { class: 'hint' },
      `${trafficText(rule)} · `,
      code(id),
      ...(description ? [' · “', code(description), '”'] : []),
    ),
    ...(said === undefined || !reaches ? [] : [element('p', { class: 'why' }, ...sentence(said.why))]),
    ...(isDisputed
      ? [element('p', { class: 'hint' }, 'Before, a function reported: ', badge(reported.outcome))]
      : reaches && reported === undefined && standing?.as === 'not-allowed' && guard !== undefined
        ? [
            element(
              'p',
              { class: 'hint' },
              `It stood before Ingress Guard saw it. The next audit ${guard.mode === 'enforce' ? 'revokes' : 'reports'} it.`,
            ),
          ]
        : []),
    failure,
  ];
}

/**
 * What a rule's badge says. What a function reported of it is what was done about it; but the allowlist, or the caches behind its
 * group, can have changed since.
 */
function sayOf(standing: Verdict | undefined, reported: Reported | undefined) {
  if (reported === undefined) return standing;
  const isEvaluated = standing !== undefined && standing.as !== 'not-evaluated';
  const isOver = reported.outcome === 'pending' || (standing?.as === 'allowed') !== (reported.outcome === 'allowed');
  return isEvaluated && isOver ? standing : { as: reported.outcome, why: reported.why };
}

/** The form that creates a cache in a separate security group. */
function createForm() {
  const form = byId('create', HTMLFormElement);
  const region = byId('new-cache-region', HTMLSelectElement);
  let shown: Shown | undefined;
  onSubmit(form, async (field) => {
    const name = field('cache');
    const place = { account: shown?.account ?? '', region: region.value };
    const known = knownGroup(name, place);
    const groupId = known ?? (await createGroup(name, place));
    const create = () =>
      callApi(place, 'elasticache', 'CreateCacheCluster', {
        CacheClusterId: name,
        Engine: 'redis',
        CacheNodeType: 'cache.t4g.micro',
        NumCacheNodes: '1',
        'SecurityGroupIds.SecurityGroupId.1': groupId,
      });
    const remove = () => callApi(place, 'ec2', 'DeleteSecurityGroup', { GroupId: groupId });
    await (known === undefined ? deleteUnlessUsed(`Security group ${groupId}`, remove, create) : create());
    return `Created cache \`${name.toLowerCase()}\` in security group \`${groupId}\`.`;
  });

  /** The security group of this name, if the page knows one. */
  function knownGroup(name: string, place: PlaceId): string | undefined {
    return shown?.places
      .find(({ account, region }) => account === place.account && region === place.region)
      ?.sources.find((source) => source.kind === 'security group' && source.name === name)?.id;
  }

  async function createGroup(name: string, place: PlaceId): Promise<string> {
    const parameters = { GroupName: name, GroupDescription: 'Made on the console page' };
    return textIn(await callApi(place, 'ec2', 'CreateSecurityGroup', parameters), 'groupId');
  }

  return {
    show(now: Shown): void {
      shown = now;
      showRegions(form, region, now);
    },
  };
}

/** Offers the regions where there are several. */
export function showRegions(form: HTMLFormElement, region: HTMLSelectElement, { about }: Shown): void {
  offer(
    region,
    about.regions.map((name) => [name, name]),
  );
  const field = form.querySelector<HTMLElement>('[data-field="region"]');
  if (field !== null) field.hidden = about.regions.length < 2;
}
