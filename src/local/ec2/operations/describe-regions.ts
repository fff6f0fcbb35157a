import { ApiError } from '../../api-error.ts';
import { shown } from '../../shown.ts';
import { pick, toFilterSet, toNamedList } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { readItems, readValues } from '../query-lists.ts';

/**
 * The regions that an account has to enable: all that opened after 2019-03-20.
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
 */
const OPT_IN =
  /^(af-south-1|ap-(east-[12]|south-2|southeast-[34567])|ca-west-1|eu-(central-2|south-[12])|il-central-1|m[ex]-(central|south)-1)$/;

/** Documented: the regions that the account has enabled; with `AllRegions` all, whether it has or not. */
export const describeRegions: Ec2Operation = {
  parameters: ['AllRegions', 'RegionName.', 'Filter.'],
  readOnly: true,
  run(parameters, _region, { account }) {
    if (readItems(parameters, 'Filter').length > 0) {
      throw new ApiError('InvalidParameterValue', 'The local AWS knows no filters of DescribeRegions.');
    }
    const all = [...account.regionNames].sort();
    const named = readValues(parameters, 'RegionName');
    const unknown = named.find((name) => !all.includes(name));
    // Seen in public reports.
    if (unknown !== undefined) throw new ApiError('InvalidParameterValue', `Invalid region name: ${shown(unknown)}`);
    const asked = all.filter((name) => named.length === 0 || named.includes(name));
    const isAll = parameters.get('AllRegions') === 'true';
    return {
      regionInfo: asked
        .filter((name) => isAll || account.hasEnabled(name))
        .map((name) => ({
          regionName: name,
          regionEndpoint: `ec2.${name}.amazonaws.com`,
          optInStatus: optInStatus(name, account.hasEnabled(name)),
        })),
    };
  },
  toRequestParameters: (parameters) => ({
    regionSet: toNamedList(parameters, 'RegionName', 'regionName'),
    filterSet: toFilterSet(parameters),
    ...pick(parameters, { allRegions: 'AllRegions' }),
  }),
};

function optInStatus(name: string, isEnabled: boolean): string {
  if (!isEnabled) return 'not-opted-in';
  return OPT_IN.test(name) ? 'opted-in' : 'opt-in-not-required';
}
