import { hasEc2Classic, hidesManagedResources } from '../../aws/ec2/account-attributes.ts';
import { type Check, make, ok } from './check.ts';
import type { Deployment } from './deployment.ts';

const CHECK = 'account';

/** What is true of the account, and decides what there is to guard. Either answer is fine. */
export async function checkAccount({ region }: Deployment): Promise<readonly Check[]> {
  const config = { region };
  const kinds = [
    {
      check: CHECK,
      what: 'whether there is EC2-Classic',
      make: async () => [
        ok(
          CHECK,
          (await hasEc2Classic(config))
            ? 'there is EC2-Classic: cache security groups are guarded too'
            : 'there is no EC2-Classic, so no cache security groups: VPC security groups are guarded',
        ),
      ],
    },
    {
      check: CHECK,
      what: 'whether managed resources are hidden',
      make: async () => [
        ok(
          CHECK,
          (await hidesManagedResources(config))
            ? 'managed resources are hidden: Ingress Guard asks for them, and sees the interfaces of caches'
            : 'managed resources are visible',
        ),
      ],
    },
  ];
  return (await Promise.all(kinds.map(make))).flat();
}
