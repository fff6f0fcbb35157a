// @ts-check
/** @import { About } from './messages.ts' */
import { byId, element } from './elements.js';

const VERSION = '2015-02-02';

/** The form that authorizes a grant, and creates the cache security group if there is none of that name. */
export function authorizeForm() {
  const form = byId('authorize', HTMLFormElement);
  const button = form.querySelector('button');
  const done = byId('form-done', HTMLElement);
  const failed = byId('form-error', HTMLElement);
  const region = byId('region', HTMLSelectElement);
  const owner = byId('owner', HTMLInputElement);
  /** @type {(region: string, name: string) => boolean} */
  let isKnown = () => false;
  let busy = false;

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    done.textContent = '';
    failed.replaceChildren();
    try {
      done.textContent = await submit(new FormData(form));
    } catch (error) {
      failed.replaceChildren(...(error instanceof ApiFailure ? error.toNodes() : [String(error)]));
    } finally {
      setBusy(false);
    }
  });

  /**
   * The button keeps the focus, so it is not disabled.
   *
   * @param {boolean} now
   */
  function setBusy(now) {
    busy = now;
    button?.setAttribute('aria-disabled', String(now));
  }

  /** @param {FormData} data */
  async function submit(data) {
    /** @param {string} name */
    const field = (name) => String(data.get(name) ?? '');
    const CacheSecurityGroupName = field('cacheSecurityGroupName');
    const EC2SecurityGroupName = field('ec2SecurityGroupName');
    const EC2SecurityGroupOwnerId = field('ec2SecurityGroupOwnerId');
    let created = '';
    if (!isKnown(region.value, CacheSecurityGroupName.toLowerCase())) {
      const Description = 'Made on the console page';
      await callApi(region.value, 'CreateCacheSecurityGroup', { CacheSecurityGroupName, Description }).catch(
        (error) => {
          if (error.code !== 'CacheSecurityGroupAlreadyExists') throw error;
        },
      );
      created = `Created ${CacheSecurityGroupName}. `;
    }
    const ingress = { CacheSecurityGroupName, EC2SecurityGroupName, EC2SecurityGroupOwnerId };
    await callApi(region.value, 'AuthorizeCacheSecurityGroupIngress', ingress);
    return `${created}Authorized ${EC2SecurityGroupName} of ${EC2SecurityGroupOwnerId}.`;
  }

  return {
    /** @param {About} about */
    reset({ account, regions }) {
      const chosen = region.value;
      region.replaceChildren(...regions.map((name) => element('option', { value: name }, name)));
      if (regions.includes(chosen)) region.value = chosen;
      byId('region-field', HTMLElement).hidden = regions.length < 2;
      if (owner.value === '') owner.value = account;
      byId('owner-hint-account', HTMLElement).textContent = `This account is ${account}; any other is a stranger’s.`;
    },
    /** @param {readonly { readonly region: string, readonly name: string }[]} groups */
    update(groups) {
      isKnown = (inRegion, name) => groups.some((group) => group.region === inRegion && group.name === name);
    },
  };
}

/** The API refused a call. */
class ApiFailure extends Error {
  /**
   * @param {string} action
   * @param {string} code
   * @param {string} message
   */
  constructor(action, code, message) {
    super(message);
    this.action = action;
    this.code = code;
  }

  toNodes() {
    return [
      element('strong', {}, this.code),
      element('p', {}, this.message),
      element('p', { class: 'aside' }, this.action),
    ];
  }
}

/**
 * One API call. The server signs it and sends it on; the answer is the API's own XML.
 *
 * @param {string} region
 * @param {string} action
 * @param {Record<string, string>} parameters
 */
async function callApi(region, action, parameters) {
  const response = await fetch(`/console/calls?region=${encodeURIComponent(region)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Action: action, Version: VERSION, ...parameters }).toString(),
  }).catch(() => undefined);
  if (response === undefined) throw new ApiFailure(action, 'No answer', 'The local AWS is not there any more.');
  if (!response.ok) throw new ApiFailure(action, `HTTP ${response.status}`, await response.text());
  const { status, xml, problem } = await response.json();
  if (problem !== undefined) throw new ApiFailure(action, 'No answer', problem);
  if (status < 400) return;
  const answer = new DOMParser().parseFromString(xml, 'text/xml');
  const read = (/** @type {string} */ name) => answer.getElementsByTagName(name)[0]?.textContent ?? '';
  throw new ApiFailure(action, read('Code') || `HTTP ${status}`, read('Message'));
}
