import type { Operation } from '../../operation.ts';
import { readInteger } from '../../parameters.ts';
import { firstOf, readMarker } from '../pages.ts';
import { readName } from '../parameters.ts';

export const describeCacheSubnetGroups: Operation = {
  parameters: ['CacheSubnetGroupName', 'MaxRecords', 'Marker'],
  readOnly: true,
  run(parameters, { caches: { subnetGroups } }) {
    const most = readInteger(parameters, 'MaxRecords', 20, 100, 100);
    if (parameters.has('CacheSubnetGroupName')) {
      return { CacheSubnetGroups: [subnetGroups.show(readName(parameters, 'CacheSubnetGroupName'))] };
    }
    const after = readMarker(parameters, 'Marker');
    const rest = subnetGroups.all().filter(({ CacheSubnetGroupName }) => CacheSubnetGroupName > after);
    const { shown, next } = firstOf(rest, most, ({ CacheSubnetGroupName }) => CacheSubnetGroupName);
    return { Marker: next, CacheSubnetGroups: shown };
  },
};
