import { toRecordedTags } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { readItems } from '../query-lists.ts';
import { readTaggable } from '../taggable.ts';

/** Documented: with a value, only a tag that has it goes; without any tag, all tags of the resource go. One that is not there is no error. */
export const deleteTags: Ec2Operation = {
  parameters: ['ResourceId.', 'Tag.'],
  readOnly: false,
  run(parameters, region) {
    const asked = readItems(parameters, 'Tag');
    for (const id of readTaggable(parameters, region)) {
      if (asked.length === 0) region.tags.removeAll(id);
      for (const tag of asked) region.tags.remove(id, tag.get('Key') ?? '', tag.get('Value'));
    }
    return { return: true };
  },
  toRequestParameters: toRecordedTags,
};
