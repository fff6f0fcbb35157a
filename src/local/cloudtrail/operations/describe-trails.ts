import { readTexts } from '../../json-protocol.ts';
import type { Operation } from '../../operation.ts';

/** Documented: with shadows of trails of all regions, unless a call leaves these out; a trail that is not there is left out. */
export const describeTrails: Operation = {
  parameters: ['trailNameList', 'includeShadowTrails'],
  readOnly: true,
  run(parameters, region, { account }) {
    const asked = readTexts(parameters, 'trailNameList');
    const isWithShadows = parameters.get('includeShadowTrails') !== 'false';
    const trails = account.trails
      .in(region.name)
      .filter(({ homeRegion }) => isWithShadows || homeRegion === region.name)
      .filter(({ name, arn }) => asked.length === 0 || asked.includes(name) || asked.includes(arn));
    return {
      trailList: trails.map(({ name, arn, homeRegion, isMultiRegion, isOrganizationTrail, ...trail }) => ({
        Name: name,
        TrailARN: arn,
        HomeRegion: homeRegion,
        IsMultiRegionTrail: isMultiRegion,
        IsOrganizationTrail: isOrganizationTrail,
        HasCustomEventSelectors: trail.advancedEventSelectors !== undefined,
        IncludeGlobalServiceEvents: true,
      })),
    };
  },
};
