import { agreed, type CloudTrailRecord } from './delivered-record.ts';
import { lowerFirst, valuesAt, withWrapped } from './json-members.ts';

/**
 * The id of the prefix list that a ModifyManagedPrefixList or RestoreManagedPrefixListVersion changed, as it is written there. Its
 * records are inferred from those of other operations of EC2 that came after 2019: the request in `<operation>Request`.
 *
 * @param problems is added to.
 */
export function readPrefixListId(
  { requestParameters, responseElements }: CloudTrailRecord,
  eventName: string,
  problems: string[],
): unknown {
  const asked = withWrapped(requestParameters, lowerFirst(`${eventName}Request`));
  const answered = withWrapped(responseElements, lowerFirst(`${eventName}Response`)).flatMap((one) =>
    withWrapped(one, 'prefixList'),
  );
  return agreed(
    problems,
    'prefixListId',
    [...asked, ...answered].flatMap((one) => valuesAt(one, 'prefixListId')),
  );
}
