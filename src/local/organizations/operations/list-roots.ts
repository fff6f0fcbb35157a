import type { Operation } from '../../operation.ts';
import { arnOf } from '../answers.ts';
import { listableOrganizationOf } from '../asking.ts';

/** Documented: an organization has one root. */
export const listRoots: Operation = {
  parameters: ['MaxResults', 'NextToken'],
  readOnly: true,
  run(_parameters, _region, context) {
    const organization = listableOrganizationOf(context);
    const { rootId } = organization;
    return { Roots: [{ Id: rootId, Arn: arnOf(organization, 'root', rootId), Name: 'Root', PolicyTypes: [] }] };
  },
};
