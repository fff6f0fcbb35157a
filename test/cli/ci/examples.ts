import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { folderWith } from '../../support/tools/folder.ts';

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

/** What cannot be read, each with what the command says of it. */
export const UNREADABLE: readonly (readonly [what: string, path: () => Promise<string>, why: RegExp])[] = [
  ['no file', async () => join((await folderWith({})).folder, 'none.yaml'), /cannot be read: there is no such file/],
  ['a folder', async () => (await folderWith({})).folder, /cannot be read: it is a directory/],
  [
    'a path through a file',
    async () => join((await folderWith({ file: '' })).file, 'a'),
    /cannot be read: a part of its path/,
  ],
  ['a link to itself', linkToItself, /cannot be read: its links lead in a circle/],
];

async function linkToItself(): Promise<string> {
  const link = join((await folderWith({})).folder, 'link.yaml');
  await symlink(link, link);
  return link;
}
