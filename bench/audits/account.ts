// The account that bench/audit.ts audits.

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
export const RULES_OF_A_GROUP = 20;

const TEAMS = 100;

export const teamOf = (cache: number): number => cache % TEAMS;

/** A rule for each team, as people write them. */
export const ALLOWLIST = `version: 1
rules:
${Array.from({ length: TEAMS }, (_, team) => `  - { id: team-${team}, caches: [team-${team}-*], cidrs: [10.${team}.0.0/16] }`).join('\n')}
`;
