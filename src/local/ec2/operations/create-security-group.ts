import { ApiError } from '../../api-error.ts';
import { type Parameters, required } from '../../parameters.ts';
import { shown } from '../../shown.ts';
import { pick, toTagSpecificationSet } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { readTagSpecifications, toTagSet } from '../tags.ts';

export const createSecurityGroup: Ec2Operation = {
  parameters: ['GroupName', 'GroupDescription', 'VpcId', 'TagSpecification.'],
  readOnly: false,
  run(parameters, { securityGroups, tags: allTags }) {
    const groupName = readText(parameters, 'GroupName', 'groupName');
    // The words for `default` are seen in public reports.
    if (groupName === 'default') {
      throw new ApiError('InvalidParameterValue', 'Cannot use reserved security group name: default');
    }
    if (groupName.startsWith('sg-')) {
      throw new ApiError('InvalidParameterValue', `Invalid value '${shown(groupName)}' for groupName.`);
    }
    const description = readText(parameters, 'GroupDescription', 'GroupDescription');
    const tags = readTagSpecifications(parameters, 'security-group');
    const { groupId } = securityGroups.create(groupName, description, parameters.get('VpcId'));
    allTags.add(groupId, tags);
    return { return: true, groupId, ...toTagSet(tags) };
  },
  // [seen]
  toRequestParameters: (parameters) => ({
    ...pick(parameters, { groupName: 'GroupName', groupDescription: 'GroupDescription', vpcId: 'VpcId' }),
    ...toTagSpecificationSet(parameters),
  }),
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html; the words are inferred. */
function readText(parameters: Parameters, name: string, member: string): string {
  const text = required(parameters, name);
  if (!/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(text)) {
    const why =
      'Character sets beyond ASCII are not supported, and it has at most 255 of a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*';
    throw new ApiError('InvalidParameterValue', `Invalid value '${shown(text)}' for ${member}. ${why}`);
  }
  return text;
}
