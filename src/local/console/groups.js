// @ts-check
/** @import { About, GroupView, GroupsView, GrantView } from './messages.ts' */
import { badge, byId, element, sentence } from './elements.js';

/**
 * Shows the cache security groups as they are now.
 *
 * @param {About} about
 * @param {GroupsView} view
 */
export function showGroups(about, { groups, moreGroups }) {
  const place = byId('groups', HTMLElement);
  const more =
    moreGroups === 0 ? undefined : element('p', { class: 'aside' }, `and ${moreGroups} more, not shown here`);
  // As long as there is nothing but what every account has.
  const untouched = groups.every(({ name, grants }) => name === 'default' && grants.length === 0);
  const advice = untouched
    ? element(
        'p',
        { class: 'card empty' },
        'There is only the ',
        element('code', {}, 'default'),
        ' group that every account has. Create another by authorizing a grant to a new name.',
      )
    : undefined;
  const list = element('ul', { class: 'groups' }, ...groups.map((group) => drawGroup(about, group)));
  place.replaceChildren(...[advice, list, more].filter((node) => node !== undefined));
  // The form suggests what there is.
  byId('known-groups', HTMLDataListElement).replaceChildren(
    ...[...new Set(groups.map(({ name }) => name))].map((name) => element('option', { value: name })),
  );
}

/**
 * @param {About} about
 * @param {GroupView} group
 */
function drawGroup(about, { name, region, description, grants, moreGrants }) {
  return element(
    'li',
    { class: 'card group' },
    element(
      'div',
      { class: 'group-name' },
      element('h3', {}, name),
      about.regions.length > 1 ? element('span', { class: 'aside' }, region) : undefined,
    ),
    description === name ? undefined : element('p', { class: 'aside' }, description),
    grants.length === 0
      ? element('p', { class: 'aside' }, 'Nobody may reach it.')
      : element('ul', { class: 'grants' }, ...grants.map((grant) => drawGrant(about, grant))),
    moreGrants === 0 ? undefined : element('p', { class: 'aside' }, `and ${moreGrants} more, not shown here`),
  );
}

/**
 * @param {About} about
 * @param {GrantView} grant
 */
function drawGrant(about, { ec2SecurityGroupName, ec2SecurityGroupOwnerId, status, verdict, why }) {
  return element(
    'li',
    { class: 'grant' },
    element(
      'p',
      { class: 'who' },
      element('code', {}, ec2SecurityGroupName),
      ' of ',
      element('code', {}, ec2SecurityGroupOwnerId),
    ),
    element(
      'p',
      { class: 'stand' },
      element('span', { class: `status ${status}` }, status),
      badge(verdict === undefined || verdict === 'pending' ? (about.guard ? 'pending' : 'not-judged') : verdict),
      why === undefined ? undefined : element('span', { class: 'why' }, ...sentence(why)),
    ),
  );
}
