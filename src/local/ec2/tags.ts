import { ApiError } from '../api-error.ts';
import type { Parameters } from '../parameters.ts';
import { shown } from '../shown.ts';
import { readItems } from './query-lists.ts';

/** How many tags a resource can have (Amazon EC2 User Guide, "Tag restrictions"). */
const MOST_TAGS = 50;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

/** The tags of one resource, by their keys. */
export type TagMap = ReadonlyMap<string, string>;

/** The tags of all resources of one account in one region. */
export class Tags {
  readonly #byResource = new Map<string, Map<string, string>>();

  of(resourceId: string): TagMap {
    return this.#byResource.get(resourceId) ?? new Map();
  }

  /** Every resource that has tags. */
  all(): ReadonlyMap<string, TagMap> {
    return this.#byResource;
  }

  /**
   * Adds tags to a resource; one with the same key is replaced.
   *
   * @throws {ApiError} TagLimitExceeded
   */
  add(resourceId: string, tags: TagMap): void {
    if (tags.size === 0) return;
    const all = new Map([...this.of(resourceId), ...tags]);
    if (all.size > MOST_TAGS) {
      throw new ApiError(
        'TagLimitExceeded',
        `The maximum number of tags for resource '${resourceId}' is ${MOST_TAGS}.`,
      );
    }
    this.#byResource.set(resourceId, all);
  }

  /** Removes tags: those with this key, and, where a value is given, with that value. */
  remove(resourceId: string, key: string, value?: string): void {
    const tags = this.#byResource.get(resourceId);
    if (value === undefined || tags?.get(key) === value) tags?.delete(key);
  }

  /** Of a resource that is gone, or that is to have none. */
  removeAll(resourceId: string): void {
    this.#byResource.delete(resourceId);
  }
}

/**
 * The tags that a call gives to what it makes, of one type: `TagSpecification.1.ResourceType`, `TagSpecification.1.Tag.1.Key`.
 *
 * @throws {ApiError} InvalidParameterValue for another type, or for tags that cannot be.
 */
export function readTagSpecifications(parameters: Parameters, resourceType: string): TagMap {
  return new Map(
    readItems(parameters, 'TagSpecification').flatMap((specification) => {
      const type = specification.get('ResourceType') ?? '';
      if (type !== resourceType) {
        throw new ApiError(
          'InvalidParameterValue',
          `'${shown(type)}' is not a valid taggable resource type for this operation.`,
        );
      }
      return [...readTags(specification)];
    }),
  );
}

/** @throws {ApiError} InvalidParameterValue for tags that cannot be. A value that is not there is empty. */
export function readTags(parameters: Parameters): TagMap {
  return new Map(
    readItems(parameters, 'Tag').map((tag) => {
      const [key, value] = [tag.get('Key') ?? '', tag.get('Value') ?? ''];
      // The words of both are seen in public reports.
      if (/^aws:/i.test(key)) {
        const message = `Tag keys starting with 'aws:' are reserved for internal use`;
        throw new ApiError('InvalidParameterValue', message);
      }
      if (key === '' || key.length > LONGEST_KEY) {
        throw new ApiError(
          'InvalidParameterValue',
          `Tag key must be from 1 to ${LONGEST_KEY} characters: '${shown(key)}'.`,
        );
      }
      if (value.length > LONGEST_VALUE) {
        throw new ApiError(
          'InvalidParameterValue',
          `Tag value exceeds the maximum length of ${LONGEST_VALUE} characters`,
        );
      }
      return [key, value];
    }),
  );
}

/** `tagSet` of an answer; not there without tags, as in the records of calls that gave none [seen]. */
export function toTagSet(tags: TagMap): { readonly tagSet?: readonly object[] } {
  return tags.size === 0 ? {} : { tagSet: [...tags].map(([key, value]) => ({ key, value })) };
}
