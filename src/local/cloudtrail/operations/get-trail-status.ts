import type { Operation } from '../../operation.ts';
import { readTrail, trailArnOf } from '../read-trail.ts';

export const getTrailStatus: Operation = {
  parameters: ['Name'],
  readOnly: true,
  resourceOf: trailArnOf('Name'),
  run: (parameters, region, { account }) => ({
    IsLogging: readTrail(parameters, 'Name', region, account).isLogging,
  }),
};
