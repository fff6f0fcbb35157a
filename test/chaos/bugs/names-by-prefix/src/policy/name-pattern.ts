import * as right from '../../../../../../src/policy/name-pattern.ts';

export * from '../../../../../../src/policy/name-pattern.ts';

/** Takes every name that begins with the one in a rule for that one. */
export const parseNamePattern: typeof right.parseNamePattern = (text) =>
  right.parseNamePattern(text.endsWith('*') ? text : `${text}*`);
