import type { Operation } from '../../operation.ts';
import { arnOf } from '../answers.ts';
import { organizationOf } from '../asking.ts';

/** Documented: every account of the organization may ask. */
export const describeOrganization: Operation = {
  parameters: [],
  readOnly: true,
  run(_parameters, _region, context) {
    const organization = organizationOf(context);
    const { id, managementAccountId } = organization;
    return {
      Organization: {
        Id: id,
        Arn: `arn:aws:organizations::${managementAccountId}:organization/${id}`,
        FeatureSet: 'ALL',
        MasterAccountArn: arnOf(organization, 'account', managementAccountId),
        MasterAccountId: managementAccountId,
        MasterAccountEmail: `${managementAccountId}@example.com`,
        AvailablePolicyTypes: [],
      },
    };
  },
};
