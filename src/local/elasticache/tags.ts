import { ApiError } from '../api-error.ts';
import { invalid, type Parameters } from '../parameters.ts';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** ElastiCache's limit for one resource. */
const MOST_TAGS = 50;

/**
 * The tags of a call: `Tags.Tag.1.Key`, `Tags.Tag.1.Value` and so on.
 *
 * @throws {ApiError} TagQuotaPerResourceExceeded, or InvalidParameterValue for a tag that AWS would not take.
 */
export function readTags(parameters: Parameters): Tag[] {
  const numbers = new Set<number>();
  for (const name of parameters.keys()) {
    if (!name.startsWith('Tags.')) continue;
    const number = /^Tags\.Tag\.([1-9][0-9]{0,3})\.(Key|Value)$/.exec(name)?.[1];
    if (number === undefined) throw invalid('Tags', name, 'its members are Tags.Tag.N.Key and Tags.Tag.N.Value');
    numbers.add(Number(number));
  }
  if (numbers.size > MOST_TAGS) {
    throw new ApiError('TagQuotaPerResourceExceeded', `A resource can have at most ${MOST_TAGS} tags.`);
  }
  const keys = new Set<string>();
  return [...numbers]
    .sort((a, b) => a - b)
    .map((number) => {
      const Key = parameters.get(`Tags.Tag.${number}.Key`) ?? '';
      const Value = parameters.get(`Tags.Tag.${number}.Value`) ?? '';
      const parameter = `Tags.Tag.${number}`;
      if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(Key))
        throw invalid(`${parameter}.Key`, Key, 'it must be 1 to 128 letters, digits, spaces and _.:/=+-@');
      if (/^aws:/i.test(Key)) throw invalid(`${parameter}.Key`, Key, 'aws: is reserved');
      if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(Value))
        throw invalid(`${parameter}.Value`, Value, 'it must be up to 256 letters, digits, spaces and _.:/=+-@');
      if (keys.has(Key)) throw invalid(`${parameter}.Key`, Key, 'it is there twice');
      keys.add(Key);
      return { Key, Value };
    });
}
