import type { Operation } from '../../operation.ts';
import { toUnit } from '../answers.ts';
import { listableOrganizationOf } from '../asking.ts';
import { pageOf } from '../pages.ts';
import { readParent } from '../read-parent.ts';

/** Documented: those that are in it itself, not those further below. */
export const listOrganizationalUnitsForParent: Operation = {
  parameters: ['ParentId', 'MaxResults', 'NextToken'],
  readOnly: true,
  run(parameters, _region, context) {
    const organization = listableOrganizationOf(context);
    const parent = readParent(parameters, organization);
    const units = [...organization.organizationalUnits.values()].filter(({ parentId }) => parentId === parent);
    const { shown, ...next } = pageOf(parameters, units, ({ id }) => id);
    return { OrganizationalUnits: shown.map((unit) => toUnit(unit, organization)), ...next };
  },
};
