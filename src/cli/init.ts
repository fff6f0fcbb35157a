import { lstat, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { explainUnreadable } from '../allowlist/explain-unreadable.ts';
import { CommandError, type Io } from './io.ts';

/** `ingress-guard init`: a first allowlist, and cases to test it with. */
export function initCommand(program: Command, io: Io): void {
  program
    .command('init')
    .description('write a first allowlist, with comments, and cases to test it with')
    .argument('[folder]', 'where to write allowlist.yaml and allowlist.cases.yaml', '.')
    .addHelpText(
      'after',
      `
It writes nothing if one of the two files is there already.
Exit code: 0 written, 1 could not.

Example:
  $ ingress-guard init my-allowlist`,
    )
    .action(async (folder: string) => {
      const files = Object.entries(FILES).map(([name, text]) => ({ path: join(folder, name), text }));
      for (const { path } of files) await refuseExisting(path);
      try {
        await makeFolder(folder);
        await writeBoth(files);
      } catch (error) {
        const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
        const why = isMissing ? 'the folder that it is in is not there' : explainUnreadable(error);
        throw new CommandError(`${folder} cannot be written to: ${why}`, { cause: error });
      }
      const [allowlist, cases] = files.map(({ path }) => path);
      io.stdout.write(
        `written: ${allowlist}, ${cases}\nNow edit them, and then:\n  ingress-guard check ${allowlist}\n  ingress-guard test ${cases} --allowlist ${allowlist}\n`,
      );
    });
}

/** Not those around it: Node 24 makes these forever where the file system refuses them, as /proc does. */
async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** Both files or none: half of one would keep the next run from writing. A file that appeared a moment ago is not overwritten either. */
async function writeBoth(files: readonly { readonly path: string; readonly text: string }[]): Promise<void> {
  const made: string[] = [];
  try {
    for (const { path, text } of files) {
      await using file = await open(path, 'wx');
      made.push(path);
      await file.writeFile(text);
    }
  } catch (error) {
    for (const path of made) await rm(path);
    throw error;
  }
}

/** A link that leads nowhere is there too. What cannot be looked at cannot be written to either, and writing says why. */
async function refuseExisting(path: string): Promise<void> {
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  if (isThere) throw new CommandError(`${path} is there already, and nothing was written: name another folder`);
}

const FILES = {
  'allowlist.yaml': `# Who may reach which cache. What no rule here allows is reported; in mode enforce it is revoked.
# Every key: docs/reference/allowlist.md
version: 1
rules:
  # Caches behind VPC security groups: replication groups, clusters and serverless caches.
  - id: vpc-to-sessions # what decisions and logs call this rule
    caches: [sessions, sessions-*] # * is any run of characters, ? is one character
    cidrs: [10.0.0.0/16] # addresses that may reach them: a range must lie inside one of these
    # securityGroupIds: [sg-0123456789abcdef0] # or this security group, of the same account
    # prefixListIds: [pl-0123456789abcdef0] # or this prefix list
    # ports: [6379] # on these ports only; else on every port of the cache
    # accounts: ["123456789012"] # in these accounts only; an account id needs quotes
    # regions: [us-east-1] # in these regions only
    # expires: 2027-01-31 # the last day, in UTC, on which this rule allows
    reason: The servers of the shop keep their sessions here # for people

  # Cache security groups, which only accounts with EC2-Classic have.
  # - id: web-to-sessions
  #   cacheSecurityGroups: [sessions]
  #   ec2SecurityGroups: [web, web-*]
  #   ownerIds: [self] # the account that owns the cache security group; or 12 digits in quotes
`,
  'allowlist.cases.yaml': `# What allowlist.yaml must say, no matter who changes it: ingress-guard test allowlist.cases.yaml
cases:
  - name: the servers of the shop reach the sessions
    grant: { account: "123456789012", region: us-east-1, cacheName: sessions, ports: [6379], cidr: 10.0.3.0/24 }
    expect: allow
    rule: vpc-to-sessions # optional: which rule must allow it

  - name: the internet does not
    grant: { account: "123456789012", region: us-east-1, cacheName: sessions, ports: [6379], cidr: 0.0.0.0/0 }
    expect: deny

  - name: the servers of the shop do not reach other caches
    grant: { account: "123456789012", region: us-east-1, cacheName: payments, ports: [6379], cidr: 10.0.3.0/24 }
    expect: deny
`,
} as const;
