import { ApiError } from '../../api-error.ts';
import { shown } from '../../shown.ts';
import { pick, toFilterSet, toNamedList } from '../cloudtrail.ts';
import { DESCRIBE_PARAMETERS, describePage, type FilterFields } from '../describe.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { readIds } from '../ids.ts';
import { toTagSet } from '../tags.ts';

interface Vpc {
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly isDefault: boolean;
}

/** Documented is that of the default VPC (Amazon VPC User Guide, "Default VPCs"); that of the other is made up. */
const CIDR_BLOCKS = { default: '172.31.0.0/16', other: '10.0.0.0/16' } as const;

const FIELDS: FilterFields<Vpc> = {
  cidr: ({ cidrBlock }) => [cidrBlock],
  'is-default': ({ isDefault }) => [String(isDefault)],
  isDefault: ({ isDefault }) => [String(isDefault)],
  state: () => ['available'],
  'vpc-id': ({ vpcId }) => [vpcId],
};

export const describeVpcs: Ec2Operation = {
  parameters: ['VpcId.', ...DESCRIBE_PARAMETERS],
  readOnly: true,
  run(parameters, { securityGroups: { defaultVpcId, otherVpcId }, accountId, tags }) {
    const vpcs: Vpc[] = [
      { vpcId: defaultVpcId, cidrBlock: CIDR_BLOCKS.default, isDefault: true },
      { vpcId: otherVpcId, cidrBlock: CIDR_BLOCKS.other, isDefault: false },
    ];
    const named = readIds(parameters, 'VpcId', 'vpc').map((id) => {
      const vpc = vpcs.find(({ vpcId }) => vpcId === id);
      // Seen in public reports.
      if (vpc === undefined) throw new ApiError('InvalidVpcID.NotFound', `The vpc ID '${shown(id)}' does not exist`);
      return vpc;
    });
    const page = describePage(parameters, named.length > 0 ? [...new Set(named)] : vpcs, {
      idOf: ({ vpcId }) => vpcId,
      fields: FIELDS,
      tagsOf: ({ vpcId }) => tags.of(vpcId),
    });
    return {
      vpcSet: page.shown.map(({ vpcId, cidrBlock, isDefault }) => ({
        vpcId,
        ownerId: accountId,
        state: 'available',
        cidrBlock,
        cidrBlockAssociationSet: [
          {
            associationId: vpcId.replace('vpc-', 'vpc-cidr-assoc-'),
            cidrBlock,
            cidrBlockState: { state: 'associated' },
          },
        ],
        dhcpOptionsId: vpcId.replace('vpc-', 'dopt-'),
        instanceTenancy: 'default',
        isDefault,
        ...toTagSet(tags.of(vpcId)),
      })),
      nextToken: page.nextToken,
    };
  },
  toRequestParameters: (parameters) => ({
    vpcSet: toNamedList(parameters, 'VpcId', 'vpcId'),
    filterSet: toFilterSet(parameters),
    ...pick(parameters, { maxResults: 'MaxResults', nextToken: 'NextToken' }),
  }),
};
