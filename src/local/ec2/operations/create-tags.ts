import { ApiError } from '../../api-error.ts';
import { toRecordedTags } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { readTaggable } from '../taggable.ts';
import { readTags } from '../tags.ts';

/** Documented: a tag with a key that the resource has replaces that tag. */
export const createTags: Ec2Operation = {
  parameters: ['ResourceId.', 'Tag.'],
  readOnly: false,
  run(parameters, region) {
    const ids = readTaggable(parameters, region);
    const tags = readTags(parameters);
    if (tags.size === 0) throw new ApiError('MissingParameter', 'The request must contain the parameter Tag');
    for (const id of ids) region.tags.add(id, tags);
    return { return: true };
  },
  toRequestParameters: toRecordedTags,
};
