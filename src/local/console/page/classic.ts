import { code, element, sentence } from '../../../page-kit/elements.ts';
import type { ClassicGrantView, ClassicGroupView, PlaceId, PlaceView } from '../messages.ts';
import { badge } from './badges.ts';
import { showRegions } from './caches.ts';
import { ApiFailure, callApi, deleteUnlessUsed, onSubmit } from './calls.ts';
import { byId, placesShown, type Shown } from './page.ts';

/** EC2-Classic: cache security groups, and the form that authorizes a grant. */
export function classicTab() {
  const list = byId('classic-list', HTMLElement);
  const form = byId('authorize', HTMLFormElement);
  const region = byId('classic-region', HTMLSelectElement);
  const owner = byId('classic-owner', HTMLInputElement);
  let shown: Shown | undefined;

  onSubmit(form, async (field) => {
    const place = { account: shown?.account ?? '', region: region.value };
    const CacheSecurityGroupName = field('cacheSecurityGroupName');
    const [EC2SecurityGroupName, EC2SecurityGroupOwnerId] = [
      field('ec2SecurityGroupName'),
      field('ec2SecurityGroupOwnerId'),
    ];
    const ingress = { CacheSecurityGroupName, EC2SecurityGroupName, EC2SecurityGroupOwnerId };
    const authorize = () => callApi(place, 'elasticache', 'AuthorizeCacheSecurityGroupIngress', ingress);
    const isNew = await createGroup(CacheSecurityGroupName, place);
    const remove = () => callApi(place, 'elasticache', 'DeleteCacheSecurityGroup', { CacheSecurityGroupName });
    const what = `Cache security group ${CacheSecurityGroupName}`;
    await (isNew ? deleteUnlessUsed(what, remove, authorize) : authorize());
    const created = isNew ? `Created \`${CacheSecurityGroupName}\`. ` : '';
    return `${created}Authorized \`${EC2SecurityGroupName}\` of \`${EC2SecurityGroupOwnerId}\`.`;
  });

  /** Creates a cache security group, if there is none of this name; says whether it did. */
  async function createGroup(CacheSecurityGroupName: string, place: PlaceId): Promise<boolean> {
    const known = shown?.places.find((one) => one.account === place.account && one.region === place.region)?.classic;
    if (known?.some(({ name }) => name === CacheSecurityGroupName.toLowerCase())) return false;
    const parameters = { CacheSecurityGroupName, Description: 'Made on the console page' };
    try {
      await callApi(place, 'elasticache', 'CreateCacheSecurityGroup', parameters);
      return true;
    } catch (error) {
      if (error instanceof ApiFailure && error.code === 'CacheSecurityGroupAlreadyExists') return false;
      throw error;
    }
  }

  return {
    show(now: Shown): void {
      if (shown?.account !== now.account) owner.value = now.account;
      shown = now;
      showRegions(form, region, now);
      const places = placesShown(now);
      const withClassic = places.filter(({ classic }) => classic !== undefined);
      const names = new Set(withClassic.flatMap(({ classic = [] }) => classic.map(({ name }) => name)));
      byId('known-groups', HTMLDataListElement).replaceChildren(
        ...[...names].map((value) => element('option', { value })),
      );
      const hasNone = places.length > 0 && withClassic.length === 0;
      byId('authorize-section', HTMLElement).hidden = hasNone;
      list.replaceChildren(
        ...(hasNone
          ? [element('p', { class: 'card empty' }, 'This account has no EC2-Classic, as accounts of today.')]
          : [
              element(
                'ul',
                { class: 'caches' },
                ...withClassic.flatMap((place) =>
                  (place.classic ?? []).map((group) =>
                    element('li', { class: 'card' }, ...drawGroup(group, place, now)),
                  ),
                ),
              ),
            ]),
        ...withClassic.flatMap(({ moreClassic }) =>
          moreClassic > 0 ? [element('p', { class: 'hint' }, `and ${moreClassic} more, not shown here`)] : [],
        ),
      );
    },
  };
}

function drawGroup({ name, description, grants, moreGrants }: ClassicGroupView, place: PlaceView, { about }: Shown) {
  return [
    element('h3', {}, code(name)),
    element('p', { class: 'hint' }, code(description), about.regions.length > 1 && ` · ${place.region}`),
    grants.length === 0
      ? element('p', { class: 'nothing' }, 'No grant: no one gets in.')
      : element(
          'ul',
          { class: 'rules' },
          ...grants.map((grant) => element('li', { class: 'rule' }, ...drawGrant(grant))),
        ),
    ...(moreGrants > 0 ? [element('p', { class: 'hint' }, `and ${moreGrants} more, not shown here`)] : []),
  ];
}

function drawGrant(grant: ClassicGrantView): HTMLElement[] {
  const { ec2SecurityGroupName, ec2SecurityGroupOwnerId, status, standing, reported } = grant;
  const said = reported === undefined ? standing : { as: reported.outcome, why: reported.why };
  return [
    element(
      'p',
      { class: 'named' },
      code(ec2SecurityGroupName),
      ' of ',
      code(ec2SecurityGroupOwnerId, 'id'),
      ' ',
      badge(said?.as ?? 'not-evaluated'),
    ),
    element('p', { class: 'hint' }, element('span', { class: `status ${status}` }, status)),
    ...(said === undefined ? [] : [element('p', { class: 'why' }, ...sentence(said.why))]),
  ];
}
