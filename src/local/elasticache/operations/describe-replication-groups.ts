import type { Operation } from '../../operation.ts';
import { readInteger } from '../../parameters.ts';
import { arnOf } from '../arn-of.ts';
import { firstOf, readMarker } from '../pages.ts';
import { readName } from '../parameters.ts';

export const describeReplicationGroups: Operation = {
  parameters: ['ReplicationGroupId', 'MaxRecords', 'Marker'],
  readOnly: true,
  resourceOf: arnOf('replicationgroup', 'ReplicationGroupId'),
  run(parameters, { caches: { replicationGroups } }) {
    const most = readInteger(parameters, 'MaxRecords', 20, 100, 100);
    if (parameters.has('ReplicationGroupId')) {
      return { ReplicationGroups: [replicationGroups.get(readName(parameters, 'ReplicationGroupId'))] };
    }
    const after = readMarker(parameters, 'Marker');
    const rest = replicationGroups.all().filter(({ ReplicationGroupId }) => ReplicationGroupId > after);
    const { shown, next } = firstOf(rest, most, ({ ReplicationGroupId }) => ReplicationGroupId);
    return { Marker: next, ReplicationGroups: shown };
  },
};
