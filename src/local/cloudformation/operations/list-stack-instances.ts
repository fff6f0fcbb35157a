import { ApiError } from '../../api-error.ts';
import type { CallContext, Operation } from '../../operation.ts';
import { type Parameters, readInteger, required } from '../../parameters.ts';
import { shown } from '../../shown.ts';
import type { StackInstance, StackSet } from '../stack-sets.ts';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackInstances.html */
const MOST = 100;

/** As in what `Ref` gives of every StackSet here. */
const STACK_SET_ID = '11111111-2222-3333-4444-555555555555';

export const listStackInstances: Operation = {
  parameters: ['StackSetName', 'CallAs', 'StackInstanceAccount', 'StackInstanceRegion', 'MaxResults', 'NextToken'],
  readOnly: true,
  // Service Authorization Reference, CloudFormation: a StackSet's ARN ends with its id.
  resourceOf: (parameters, { name, accountId }) =>
    `arn:aws:cloudformation:${name}:${accountId}:stackset/${parameters.get('StackSetName') ?? ''}:${STACK_SET_ID}`,
  run(parameters, _region, context) {
    const set = readStackSet(parameters, context);
    const most = readInteger(parameters, 'MaxResults', 1, MOST, MOST);
    const [account, region] = [parameters.get('StackInstanceAccount'), parameters.get('StackInstanceRegion')];
    const found = [...set.instances.values()].filter(
      (one) => (account ?? one.Account) === one.Account && (region ?? one.Region) === one.Region,
    );
    const token = parameters.get('NextToken');
    const from = token === undefined ? 0 : found.findIndex((one) => tokenOf(one) === token) + 1;
    if (token !== undefined && from === 0) throw new ApiError('ValidationError', 'NextToken is invalid');
    const page = found.slice(from, from + most);
    const last = page.at(-1);
    const isLast = last === undefined || from + most >= found.length;
    return { Summaries: page, ...(!isLast && { NextToken: tokenOf(last) }) };
  },
};

/**
 * The StackSet, if the caller looks for it where it is. Documented: the management account calls as itself, a delegated
 * administrator as one. The code and the words for one who is neither are seen in public reports; that a delegated administrator who
 * calls as itself finds nothing is inferred, as the StackSet is the management account's.
 */
function readStackSet(parameters: Parameters, { accounts, caller }: CallContext): StackSet {
  const name = required(parameters, 'StackSetName');
  const { organization } = accounts;
  const isManagement = organization?.managementAccountId === caller.accountId;
  const isDelegated = parameters.get('CallAs') === 'DELEGATED_ADMIN';
  if (isDelegated && (isManagement || !organization?.mayList(caller.accountId))) {
    const who = 'You must be the management account or delegated admin account of an organization';
    throw new ApiError('ValidationError', `${who} before operating a SERVICE_MANAGED stack set`);
  }
  const set = isManagement || isDelegated ? accounts.stackSets.find(name) : undefined;
  if (set === undefined) throw new ApiError('StackSetNotFoundException', `StackSet ${shown(name)} not found`, 404);
  return set;
}

/** To a caller a token is opaque; to us it is the last stack of the page before. */
function tokenOf({ Account, Region }: StackInstance): string {
  return Buffer.from(`after:${Account} ${Region}`).toString('base64');
}
