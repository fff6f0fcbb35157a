const grant = (from: string) =>
  `{ account: "111122223333", region: us-east-1, cacheSecurityGroupName: sessions, ec2SecurityGroupName: ${from}, ec2SecurityGroupOwnerId: "111122223333" }`;

/** An allowlist that is not valid, in two places. */
export const INVALID = `version: 1
rules:
  - id: web
    cacheSecurityGroups: []
    ec2SecurityGroups: []
    ownerIds: [self]
`;

/** A valid allowlist that is warned of. */
export const WITH_WARNINGS = `version: 1
rules:
  - id: everybody
    cacheSecurityGroups: [sessions]
    ec2SecurityGroups: ["*"]
    ownerIds: [self]
`;

/** Of the allowlist of the tests one case holds, and one fails. */
export const CASES = `cases:
  - name: web reaches the sessions
    grant: ${grant('web')}
    expect: allow
    rule: web-to-sessions
  - name: web is kept out
    grant: ${grant('web')}
    expect: deny
`;

/** A case that fails, and whose name is made to break what it is written into. */
export const HOSTILE_CASES = `cases:
  - name: "a\\n::set-env name=PATH::b%0A]]><failure/>&quot;\\u0000\\uFFFE\\u202E"
    grant: ${grant('web')}
    expect: deny
`;
