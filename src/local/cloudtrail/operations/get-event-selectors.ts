import type { Operation } from '../../operation.ts';
import { readTrail, trailArnOf } from '../read-trail.ts';

export const getEventSelectors: Operation = {
  parameters: ['TrailName'],
  readOnly: true,
  resourceOf: trailArnOf('TrailName'),
  run(parameters, region, { account }) {
    const { arn, eventSelectors, advancedEventSelectors } = readTrail(parameters, 'TrailName', region, account);
    return { TrailARN: arn, EventSelectors: eventSelectors, AdvancedEventSelectors: advancedEventSelectors };
  },
};
