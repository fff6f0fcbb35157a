import * as right from '../../../../../../../src/policy/vpc/unknown.ts';

export * from '../../../../../../../src/policy/vpc/unknown.ts';

/** Denies a group whose owner is not known, as if it were another's. */
export const whyUnknown: typeof right.whyUnknown = (grant, ...rest) =>
  grant.source.kind === 'securityGroup' && grant.source.securityGroupOwnerId === undefined
    ? undefined
    : right.whyUnknown(grant, ...rest);
