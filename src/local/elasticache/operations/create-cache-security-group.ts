import type { Operation } from '../../operation.ts';
import { invalid, readText, required } from '../../parameters.ts';
import { readCacheSecurityGroupName } from '../names.ts';
import { readTags } from '../tags.ts';

export const createCacheSecurityGroup: Operation = {
  parameters: ['CacheSecurityGroupName', 'Description', 'Tags', 'Tags.'],
  readOnly: false,
  needsEc2Classic: () => true,
  run(parameters, { cacheSecurityGroups }) {
    const written = required(parameters, 'CacheSecurityGroupName');
    const name = readCacheSecurityGroupName(parameters);
    // Documented: it must not be `Default`. The rest is inferred from the rules for other names of ElastiCache.
    if (name === 'default') throw invalid('CacheSecurityGroupName', written, 'the name is reserved');
    if (!/^[a-z](-?[a-z0-9])*$/.test(name)) {
      const why = 'it must begin with a letter, must not end with a hyphen and not have two hyphens in a row';
      throw invalid('CacheSecurityGroupName', written, why);
    }
    return {
      CacheSecurityGroup: cacheSecurityGroups.create(
        name,
        readText(parameters, 'Description', 1024),
        readTags(parameters),
      ),
    };
  },
};
