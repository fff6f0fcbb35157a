import type { Operation } from '../../operation.ts';
import { invalid, readInteger } from '../../parameters.ts';
import { readCacheSecurityGroupName } from '../names.ts';

export const describeCacheSecurityGroups: Operation = {
  parameters: ['CacheSecurityGroupName', 'MaxRecords', 'Marker'],
  readOnly: true,
  needsEc2Classic: true,
  run(parameters, { cacheSecurityGroups }) {
    const most = readInteger(parameters, 'MaxRecords', 20, 100, 100);
    if (parameters.has('CacheSecurityGroupName')) {
      return { CacheSecurityGroups: [cacheSecurityGroups.get(readCacheSecurityGroupName(parameters))] };
    }
    const marker = parameters.get('Marker');
    const page = cacheSecurityGroups.list(marker === undefined ? '' : decodeMarker(marker), most + 1);
    const more = page.length > most;
    const shown = page.slice(0, most);
    return {
      Marker: more ? encodeMarker(shown.at(-1)?.CacheSecurityGroupName ?? '') : undefined,
      CacheSecurityGroups: shown,
    };
  },
};

// To a caller a marker is opaque; to us it is the last name of the page before, so that a page never shows a group twice
// or leaves one out because another came or went in between.
function encodeMarker(name: string): string {
  return Buffer.from(`after:${name}`).toString('base64url');
}

function decodeMarker(marker: string): string {
  const name = /^after:([a-z0-9-]{1,255})$/.exec(Buffer.from(marker, 'base64url').toString('utf8'))?.[1];
  if (name === undefined || encodeMarker(name) !== marker)
    throw invalid('Marker', marker, 'it is not one that an answer gave');
  return name;
}
