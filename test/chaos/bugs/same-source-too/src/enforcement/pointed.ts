import * as right from '../../../../../../src/enforcement/pointed.ts';

export * from '../../../../../../src/enforcement/pointed.ts';

/** Looks also at the group's other rules that have the source of one that the event names. */
export const findPointed: typeof right.findPointed = async (event, how) => {
  const found = await right.findPointed(event, how);
  if (event.kind !== 'rules' || found.pointed === undefined) return found;
  const { pointed } = await right.findPointed({ ...event, securityGroupRuleIds: [] }, how);
  const sources = found.pointed.listed.map(({ rule }) => JSON.stringify(rule?.source));
  const listed = (pointed?.listed ?? []).filter(({ rule }) => sources.includes(JSON.stringify(rule?.source)));
  return { pointed: { ...found.pointed, listed } };
};
