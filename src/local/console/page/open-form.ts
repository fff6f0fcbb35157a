import { element } from '../../../page-kit/elements.ts';
import type { CacheView, PlaceView, SourceView } from '../messages.ts';
import { callApi, onSubmit, textIn } from './calls.ts';
import { authorizeParameters } from './grants.ts';
import { byId, offer, placesShown, type Shown } from './page.ts';

const KINDS = {
  range: { label: 'Range', hint: 'IPv4 or IPv6. For example 192.0.2.0/24.' },
  'security group': { label: 'Security group', hint: 'Its id, such as sg-0123456789abcdef0.' },
  'prefix list': { label: 'Prefix list', hint: 'Its id, such as pl-0123456789abcdef0.' },
} as const satisfies Record<SourceView['kind'], { readonly label: string; readonly hint: string }>;

/** The form that opens a port of a cache, with AuthorizeSecurityGroupIngress. */
export function openForm() {
  const form = byId('open', HTMLFormElement);
  const cache = byId('cache', HTMLSelectElement);
  const group = byId('group', HTMLSelectElement);
  const port = byId('port', HTMLInputElement);
  const source = byId('source', HTMLInputElement);
  const description = byId('description', HTMLInputElement);
  let offered: readonly { readonly place: PlaceView; readonly cache: CacheView }[] = [];
  /** The port that was filled in for the cache, and not by a person. */
  let filledIn = '';

  const kind = (): SourceView['kind'] => {
    const chosen = new FormData(form).get('kind');
    return chosen === 'security group' || chosen === 'prefix list' ? chosen : 'range';
  };
  const chosen = () => offered.find((one) => keyOf(one) === cache.value);

  onSubmit(form, async (field) => {
    const one = chosen();
    if (one === undefined) return 'Create a cache first.';
    const owner = kind() === 'security group' ? field('owner') : '';
    const from = { kind: kind(), id: field('source'), ...(owner && { owner }) };
    const traffic = {
      ipProtocol: 'tcp',
      fromPort: Number(field('port')),
      toPort: Number(field('port')),
      ...(field('description') && { description: field('description') }),
    };
    const parameters = authorizeParameters(field('group'), traffic, from);
    const answer = await callApi(one.place, 'ec2', 'AuthorizeSecurityGroupIngress', parameters);
    const id = textIn(answer, 'securityGroupRuleId');
    // What was typed while the call was on its way stays.
    for (const typed of [source, description]) if (typed.value.trim() === field(typed.name)) typed.value = '';
    return `Opened port ${traffic.fromPort} of \`${one.cache.name}\` to \`${from.id}\`, by rule \`${id}\`.`;
  });
  cache.addEventListener('change', showChoice);
  form.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === 'kind') {
      source.value = '';
      showKind();
    }
  });

  function showChoice(): void {
    const one = chosen();
    offer(group, one?.cache.groups.map((id) => [id, nameOf(one.place, id)]) ?? []);
    byId('group-field', HTMLElement).hidden = group.options.length < 2;
    const [first = 6379] = one?.cache.ports ?? [];
    if (port.value === filledIn) port.value = String(first);
    filledIn = String(first);
    showKind();
  }

  function showKind(): void {
    const { label, hint } = KINDS[kind()];
    byId('source-label', HTMLElement).textContent = label;
    byId('source-hint', HTMLElement).textContent = hint;
    byId('owner-field', HTMLElement).hidden = kind() !== 'security group';
    const known = chosen()?.place.sources.filter((one) => one.kind === kind()) ?? [];
    byId('known-sources', HTMLDataListElement).replaceChildren(
      ...known.map(({ id, name }) => element('option', { value: id }, name ?? '')),
    );
  }

  return {
    /** Chooses a cache, for a person to say who gets in. */
    choose(region: string, one: CacheView): void {
      cache.value = keyOf({ place: { region }, cache: one });
      showChoice();
      form.scrollIntoView({ block: 'nearest' });
      source.focus();
    },
    show(now: Shown): void {
      offered = placesShown(now).flatMap((place) =>
        // No security group guards one that is outside of a VPC, or has a public endpoint.
        place.caches.filter(({ groups }) => groups.length > 0).map((cache) => ({ place, cache })),
      );
      const isOneRegion = now.about.regions.length === 1;
      offer(
        cache,
        offered.map((one) => [keyOf(one), isOneRegion ? one.cache.name : `${one.cache.name} (${one.place.region})`]),
      );
      byId('open-title', HTMLElement)
        .closest('section')
        ?.toggleAttribute('hidden', offered.length === 0);
      showChoice();
    },
  };
}

function keyOf({ place, cache }: { readonly place: { readonly region: string }; readonly cache: CacheView }): string {
  return `${place.region} ${cache.kind} ${cache.name}`;
}

function nameOf({ groups }: PlaceView, id: string): string {
  const name = groups.find((group) => group.id === id)?.name;
  return name ? `${id} (${name})` : id;
}
