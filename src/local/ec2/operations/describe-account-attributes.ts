import { toNamedList } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { readValues } from '../query-lists.ts';

/** Documented: `supported-platforms` has `EC2` where there is EC2-Classic, and `VPC`. Others of its attributes are not here. */
export const describeAccountAttributes: Ec2Operation = {
  parameters: ['AttributeName.'],
  readOnly: true,
  run(parameters, _region, { account }) {
    const asked = readValues(parameters, 'AttributeName');
    const isAsked = asked.length === 0 || asked.includes('supported-platforms');
    const platforms = account.hasEc2Classic ? ['EC2', 'VPC'] : ['VPC'];
    const attribute = {
      attributeName: 'supported-platforms',
      attributeValueSet: platforms.map((attributeValue) => ({ attributeValue })),
    };
    return { accountAttributeSet: isAsked ? [attribute] : [] };
  },
  toRequestParameters: (parameters) => ({
    accountAttributeNameSet: toNamedList(parameters, 'AttributeName', 'attributeName'),
    filterSet: {},
  }),
};
