import { invalid, type Parameters, required } from '../parameters.ts';

/** The name of an existing cache security group: stored, and answered, in lower case. */
export function readCacheSecurityGroupName(parameters: Parameters): string {
  const name = required(parameters, 'CacheSecurityGroupName');
  if (!/^[a-zA-Z0-9-]{1,255}$/.test(name)) {
    throw invalid('CacheSecurityGroupName', name, 'it must be 1 to 255 letters, digits and hyphens');
  }
  return name.toLowerCase();
}

/** Case counts, and all of `._-:/()#,@[]+=&;{}!$*` and the space may be in it. */
export function readEc2SecurityGroupName(parameters: Parameters): string {
  const name = required(parameters, 'EC2SecurityGroupName');
  if (!/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(name)) {
    throw invalid(
      'EC2SecurityGroupName',
      name,
      'it must be 1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*',
    );
  }
  return name;
}

/** 12 digits. AWS's sample request writes them with hyphens (`1234-5678-1234`), and the answer holds none. */
export function readOwnerId(parameters: Parameters): string {
  const ownerId = required(parameters, 'EC2SecurityGroupOwnerId');
  const digits = ownerId.replaceAll('-', '');
  if (!/^[0-9]{12}$/.test(digits)) {
    throw invalid('EC2SecurityGroupOwnerId', ownerId, 'it must be an AWS account number of 12 digits');
  }
  return digits;
}
