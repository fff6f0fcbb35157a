/** Most events are about groups that guard no cache, and do without. */
export const loadLook = async () => ({
  ...(await import('./look/see-rule.ts')),
  ...(await import('./look/group-names.ts')),
  ...(await import('./look/prefix-lists.ts')),
  ...(await import('./look/describe-rule.ts')),
});
