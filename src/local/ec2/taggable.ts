import { ApiError } from '../api-error.ts';
import type { Parameters } from '../parameters.ts';
import type { Region } from '../region.ts';
import { shown } from '../shown.ts';
import { checkId } from './ids.ts';
import { readValues } from './query-lists.ts';
import { noSuchRule } from './security-group-rules.ts';

/** What can have tags here: by the beginning of its id, its type and how it is looked up, which fails if it is not there. */
const KINDS: Readonly<
  Record<string, { readonly type: string; readonly find: (id: string, region: Region) => unknown }>
> = {
  eni: { type: 'network-interface', find: (id, { networkInterfaces }) => networkInterfaces.get(checkId('eni', id)) },
  pl: { type: 'prefix-list', find: (id, { prefixLists }) => prefixLists.get(checkId('pl', id)) },
  sg: { type: 'security-group', find: (id, { securityGroups }) => securityGroups.get(checkId('sg', id)) },
  sgr: {
    type: 'security-group-rule',
    find(id, { securityGroupRules }) {
      if (!securityGroupRules.has(checkId('sgr', id))) throw noSuchRule(id);
    },
  },
  vpc: {
    type: 'vpc',
    find(id, { securityGroups: { defaultVpcId, otherVpcId } }) {
      if (![defaultVpcId, otherVpcId].includes(checkId('vpc', id))) {
        throw new ApiError('InvalidVpcID.NotFound', `The vpc ID '${shown(id)}' does not exist`);
      }
    },
  },
};

/** `security-group`, of `sg-…`. */
export function typeOf(resourceId: string): string {
  return KINDS[resourceId.split('-')[0] ?? '']?.type ?? '';
}

/**
 * The resources that a call about tags names.
 *
 * @throws {ApiError} MissingParameter; InvalidID for what cannot have tags here; or as the calls about that kind of resource say.
 */
export function readTaggable(parameters: Parameters, region: Region): string[] {
  const ids = readValues(parameters, 'ResourceId');
  if (ids.length === 0) throw new ApiError('MissingParameter', 'The request must contain the parameter resourceIdSet');
  for (const id of ids) {
    const kind = Object.hasOwn(KINDS, id.split('-')[0] ?? '') ? KINDS[id.split('-')[0] as string] : undefined;
    // Seen in public reports.
    if (kind === undefined) throw new ApiError('InvalidID', `The ID '${shown(id)}' is not valid`);
    kind.find(id, region);
  }
  return ids;
}
