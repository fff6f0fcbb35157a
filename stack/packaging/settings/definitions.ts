import * as z from 'zod/mini';
import { readMaxRevocations, SettingsError, splitRegions } from '../../../handlers/shared/settings.ts';
import { didYouMean } from '../../../src/allowlist/did-you-mean.ts';
import { DEFAULT_MAX_REVOCATIONS, MIXED, MODES, SHARED } from '../../../src/enforcement/mode.ts';
import { partitionOf } from '../../../src/policy/partition.ts';
import { printable, quote } from '../../../src/policy/quote.ts';
import { isRegion } from '../../../src/policy/written.ts';

/** How many revocations an audit of an organization makes at most, in all accounts together, if no one says otherwise. */
const DEFAULT_MAX_REVOCATIONS_PER_RUN = 50;

/** The allowlist that is packaged with the functions. */
export interface PackagedAllowlist {
  readonly file: string;
  /** How many allowlist rules it has. */
  readonly rules: number;
}

/** What the words about a setting depend on, next to its value. */
export interface Surroundings {
  /** The region of the stack. */
  readonly region: string;
  readonly allowlist: PackagedAllowlist;
}

/** A setting of the stack. Its check, the summary and the docs' table follow from this one definition. */
export interface Setting {
  readonly name: string;
  /** The value if nothing sets it; empty if there is none then. */
  readonly default: string;
  /** The default, for the table in the docs. */
  readonly defaultWords: string;
  /** What the setting does, in Markdown, for the table in the docs. */
  readonly means: string;
  /** What is wrong with a value that is not empty, each with the fix. `region` is the stack's, where it is known. */
  readonly check: (value: string, region?: string) => readonly string[];
  /** What the value comes to, for the summary. */
  readonly words: (value: string, surroundings: Surroundings) => string;
}

/** Every setting of the stack, in the order in which people are shown them. */
export const SETTINGS: readonly Setting[] = [
  {
    name: 'mode',
    default: 'report-only',
    defaultWords: '`report-only`',
    means: '`report-only` or `enforce`, which revokes. In `report-only` no role has the permission to',
    check: oneOf(MODES),
    words: (value) => value,
  },
  {
    name: 'allowlist',
    default: '',
    defaultWords: 'the packaged one',
    means:
      'where the allowlist is, and the permission to read it there: `ssm:NAME` or `appconfig:APPLICATION/ENVIRONMENT/PROFILE`',
    check: checkAllowlist,
    words: (value, { allowlist: { file, rules } }) =>
      value === ''
        ? `${file}, packaged: ${rules} allowlist rule${rules === 1 ? '' : 's'}`
        : `${value}: its allowlist rules are read there, and not known here`,
  },
  {
    name: 'regions',
    default: '',
    defaultWords: "the stack's own",
    means: 'which regions audits look at, separated by commas, and the permission to act there',
    check: checkRegions,
    words: (value, { region }) => (value === '' ? `${region}, the stack's own` : splitRegions(value).join(', ')),
  },
  {
    name: 'organization',
    default: '',
    defaultWords: 'none',
    means: "the id of an organization, such as `o-abcde12345`: guards its accounts from the stack's own, the hub",
    check: checkOrganization,
    words: (value) => value || "none: the stack's own account alone",
  },
  {
    name: 'organizationalUnits',
    default: '',
    defaultWords: 'none',
    means:
      'with `organization`: which accounts are guarded, as ids of organizational units or of the root, separated by commas',
    check: checkUnits,
    words: (value) => (value === '' ? 'none' : splitList(value).join(', ')),
  },
  {
    name: 'excludedAccounts',
    default: '',
    defaultWords: 'none',
    means: 'with `organization`: accounts below these units that are not guarded, separated by commas',
    check: checkAccounts,
    words: (value) => (value === '' ? 'none' : splitList(value).join(', ')),
  },
  {
    name: 'maxRevocations',
    default: `${DEFAULT_MAX_REVOCATIONS}`,
    defaultWords: `\`${DEFAULT_MAX_REVOCATIONS}\``,
    means: 'if more are to be revoked, an audit revokes none. A number, or `unlimited`',
    check: checkMaxRevocations,
    words: (value) =>
      value === 'unlimited' ? value : `${Number(value)}: if more are to be revoked, an audit revokes none`,
  },
  {
    name: 'maxRevocationsPerRun',
    default: `${DEFAULT_MAX_REVOCATIONS_PER_RUN}`,
    defaultWords: `\`${DEFAULT_MAX_REVOCATIONS_PER_RUN}\``,
    means:
      'with `organization`: if more are to be revoked in all accounts together, an audit revokes none. A number, or `unlimited`',
    check: checkMaxRevocations,
    words: (value) => (value === 'unlimited' ? value : `${Number(value)} in all accounts of an organization`),
  },
  {
    name: 'shared',
    default: 'hold',
    defaultWords: '`hold`',
    means:
      'a denied rule of a security group that guards more than caches: `hold` leaves and reports it, `revoke` revokes it',
    check: oneOf(SHARED),
    words: (value) => value,
  },
  {
    name: 'mixed',
    default: 'hold',
    defaultWords: '`hold`',
    means:
      'a standing security group rule that makes both an allowed and a denied grant: `hold` leaves and reports it, `revoke` revokes it',
    check: oneOf(MIXED),
    words: (value) => value,
  },
  {
    name: 'reportBucket',
    default: '',
    defaultWords: 'none',
    means: 'an S3 bucket of yours, by name, for the reports of audits',
    check: checkBucket,
    words: (value) => value || 'none: reports of audits are not stored',
  },
  {
    name: 'securityHub',
    default: 'false',
    defaultWords: '`false`',
    means:
      '`true` imports what audits find into AWS Security Hub of each account and region, and the permission to. Security Hub must be enabled there',
    check: oneOf(['true', 'false']),
    words: (value) => (value === 'true' ? 'true: audits import their findings' : 'false: findings are not imported'),
  },
  {
    name: 'alertEmail',
    default: '',
    defaultWords: 'none',
    means: 'who gets alarms and messages. AWS sends a mail first: **confirm the subscription**, else nothing comes',
    check: checkEmail,
    words: (value) => value || 'none: subscribe to the topic AlertTopic yourself',
  },
  {
    name: 'chat',
    default: 'false',
    defaultWords: '`false`',
    means:
      '`true` adds a topic, `ChatTopic`, for Slack or Microsoft Teams by way of Amazon Q Developer in chat applications',
    check: oneOf(['true', 'false']),
    words: (value) =>
      value === 'true' ? 'true: map the topic ChatTopic to a channel' : 'false: there is no topic for chat tools',
  },
  {
    name: 'tracing',
    default: 'false',
    defaultWords: '`false`',
    means: '`true` switches X-Ray on; it costs',
    check: oneOf(['true', 'false']),
    words: (value) => value,
  },
];

function oneOf(choices: readonly string[]): Setting['check'] {
  return (value) => {
    if (choices.includes(value)) return [];
    const nearest = didYouMean(value, choices);
    const fix = nearest === undefined ? 'write one of the two' : `did you mean \`${nearest}\`?`;
    return [`${quote(value)} is neither ${choices.map((choice) => `\`${choice}\``).join(' nor ')}: ${fix}`];
  };
}

function checkMaxRevocations(value: string): readonly string[] {
  try {
    // As the functions read it.
    readMaxRevocations({ INGRESS_GUARD_MAX_REVOCATIONS: value });
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const fix = didYouMean(value, ['unlimited'])
      ? 'did you mean `unlimited`?'
      : 'write a whole number such as 40, or `unlimited`';
    return [`${quote(value)} is not a number: ${fix}`];
  }
}

// Characters and depth: AWS Systems Manager API Reference, PutParameter.
const SSM_NAME = /^(?:[\w.-]{1,1011}|(?=.{1,1011}$)(?:\/[\w.-]+){1,15})$/;

function checkAllowlist(value: string): readonly string[] {
  const [, scheme = '', rest = ''] = /^(ssm|appconfig):(.*)$/is.exec(value) ?? [];
  if (scheme === '') {
    const fix = `to package another file, set INGRESS_GUARD_ALLOWLIST=${printable(value, 64)} and leave this setting out`;
    return [`${quote(value)} is neither ssm:NAME nor appconfig:APPLICATION/ENVIRONMENT/PROFILE: ${fix}`];
  }
  if (scheme !== scheme.toLowerCase()) return [`${quote(value)}: write ${scheme.toLowerCase()}: in lower case`];
  return scheme === 'ssm' ? checkSsmName(rest) : checkAppConfigNames(rest);
}

function checkSsmName(name: string): readonly string[] {
  if (name === '') return ['ssm: names no parameter: write ssm:NAME, such as ssm:/ingress-guard/allowlist'];
  if (name.startsWith('arn:')) {
    return [
      `${quote(name)} is an ARN: write the parameter's name, such as ssm:/ingress-guard/allowlist. Only one of the stack's own account and region can be read`,
    ];
  }
  if (/^[^:]+:[^:]+$/.test(name)) {
    return [
      `${quote(name)} names a version or a label: write the parameter's name alone, \`ssm:${printable(name.replace(/:.*/s, ''), 64)}\``,
    ];
  }
  if (/^[^/]+\//.test(name)) {
    return [`${quote(name)} has several parts and does not begin with a slash: write \`ssm:/${printable(name, 64)}\``];
  }
  if (!SSM_NAME.test(name)) {
    return [
      `${quote(name)} is not the name of a parameter: write letters, digits, \`.\`, \`-\` and \`_\`, in up to 15 parts that each begin with a slash`,
    ];
  }
  if (/^\/?(?:aws|ssm)/i.test(name))
    return [`${quote(name)} begins with aws or ssm, which AWS keeps for itself: choose another name`];
  return [];
}

// Lengths: AWS AppConfig API Reference, CreateApplication, CreateEnvironment, CreateConfigurationProfile.
const APPCONFIG_PARTS = [
  ['application', 64],
  ['environment', 64],
  ['profile', 128],
] as const;

function checkAppConfigNames(rest: string): readonly string[] {
  const parts = rest.split('/');
  if (parts.length !== APPCONFIG_PARTS.length || parts.includes('')) {
    return [
      `${quote(`appconfig:${rest}`)} does not name three things: write appconfig:APPLICATION/ENVIRONMENT/PROFILE`,
    ];
  }
  return APPCONFIG_PARTS.flatMap(([part, limit], at) => {
    const name = parts[at] as string;
    if (name !== name.trim() || /\p{Cc}/u.test(name))
      return [`the ${part} ${quote(name)} has white space around it, or control characters: leave them out`];
    return name.length <= limit
      ? []
      : [`the ${part} ${quote(name)} has ${name.length} characters: AWS AppConfig takes at most ${limit}`];
  });
}

function checkRegions(value: string, own?: string): readonly string[] {
  return checkList(splitRegions(value), {
    one: 'region',
    example: 'regions such as us-east-1,eu-west-1',
    check: (region) => checkRegion(region, own),
  });
}

/** What is wrong with a list: with each of it, with a comma too many, with what is there twice. */
function checkList(
  list: readonly string[],
  {
    one,
    example,
    check,
  }: { readonly one: string; readonly example: string; readonly check: (value: string) => readonly string[] },
): readonly string[] {
  return [
    ...(list.includes('')
      ? [`${/^[aeiou]/.test(one) ? 'an' : 'a'} ${one} is missing before or after a comma: write ${example}`]
      : []),
    ...[...new Set(list)].flatMap((value) => (value === '' ? [] : check(value))),
    ...[...new Set(list.filter((value, at) => value !== '' && list.indexOf(value) !== at))].map(
      (value) => `${quote(value)} is there twice: name each ${one} once`,
    ),
  ];
}

// Ids: AWS Organizations API Reference, Organization, Root, OrganizationalUnit, Account.
const ORGANIZATION = /^o-[a-z0-9]{10,32}$/;
const UNIT = /^(?:r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})$/;
const ACCOUNT = /^[0-9]{12}$/;
/** So many an operation of a StackSet takes (CloudFormation User Guide, quotas). */
const MOST_UNITS = 50;
/** The functions get the list in their environment, and Lambda takes 4 KB for all of it. */
const MOST_EXCLUDED = 50;

function checkOrganization(value: string, own?: string): readonly string[] {
  if (own !== undefined && partitionOf(own) === 'aws-cn') {
    return [
      'StackSets cannot deploy to an organization in the partition aws-cn: deploy a stack in each account, without this setting',
    ];
  }
  if (ORGANIZATION.test(value)) return [];
  const [meant] = /o-[a-z0-9]{10,32}$/.exec(value.toLowerCase()) ?? [];
  if (UNIT.test(value)) {
    return [
      `${quote(value)} is the id of a root or of an organizational unit: write it into organizationalUnits, and the organization's id here`,
    ];
  }
  const fix = meant === undefined ? 'write an id such as o-abcde12345' : `did you mean \`${meant}\`?`;
  return [`${quote(value)} is not the id of an organization: ${fix}`];
}

function checkUnits(value: string): readonly string[] {
  const units = splitList(value);
  return [
    ...checkList(units, {
      one: 'organizational unit',
      example: 'ids such as ou-abcd-12345678,ou-abcd-87654321',
      check: (unit) => {
        if (UNIT.test(unit)) return [];
        const lower = unit.toLowerCase();
        const fix = UNIT.test(lower) ? `did you mean \`${lower}\`?` : 'write an id such as ou-abcd-12345678 or r-abcd';
        return [`${quote(unit)} is not the id of an organizational unit or a root: ${fix}`];
      },
    }),
    ...(units.length > MOST_UNITS
      ? [`${units.length} organizational units, and a StackSet takes ${MOST_UNITS}: name one above several of them`]
      : []),
  ];
}

function checkAccounts(value: string): readonly string[] {
  const accounts = splitList(value);
  return [
    ...checkList(accounts, {
      one: 'account',
      example: 'ids such as 111122223333,444455556666',
      check: (account) =>
        ACCOUNT.test(account)
          ? []
          : [`${quote(account)} is not the id of an account: write its 12 digits, such as 111122223333`],
    }),
    ...(accounts.length > MOST_EXCLUDED
      ? [
          `${accounts.length} accounts, and at most ${MOST_EXCLUDED} can be excluded: move them to an organizational unit that organizationalUnits leaves out`,
        ]
      : []),
  ];
}

/** A list as someone writes it, `ou-abcd-12345678, ou-abcd-87654321`: each as it is written, without white space around it. */
function splitList(written: string): string[] {
  return written.split(',').map((one) => one.trim());
}

/** What is wrong with the name of a region, with the fix; `own` is the stack's region, where it is known. */
export function checkRegion(region: string, own?: string): readonly string[] {
  if (!isRegion(region) || !DIRECTION.test(region)) {
    const meant = nearestRegion(region);
    const fix = meant === undefined ? 'write a name such as us-east-1' : `did you mean \`${meant}\`?`;
    return [`${quote(region)} is not the name of a region: ${fix}`];
  }
  if (own === undefined || partitionOf(region) === partitionOf(own)) return [];
  return [
    `${quote(region)} is in the partition ${partitionOf(region)}, and the stack in ${partitionOf(own)}: deploy another stack there`,
  ];
}

/** What the name of a region says before its number. */
export const DIRECTIONS = [
  'north',
  'south',
  'east',
  'west',
  'central',
  'northeast',
  'northwest',
  'southeast',
  'southwest',
];
/** Inferred from the regions that exist: a name ends in a direction and a number. So will those of new regions. */
const DIRECTION = new RegExp(`-(?:${DIRECTIONS.join('|')})-\\d+$`);

/** The region that was most likely meant: `us-east-1` by `us-east1`, `US-East-1`, `us-esat-1` or `us-east-1a`. */
function nearestRegion(written: string): string | undefined {
  const [, area, direction, number] =
    /^([a-z]+(?:-[a-z]+)*)-([a-z]+)-?([0-9]{1,2})[a-z]?$/.exec(written.toLowerCase().replace(/[_\s]/g, '-')) ?? [];
  if (area === undefined || direction === undefined) return undefined;
  const meant = `${area}-${didYouMean(direction, DIRECTIONS)}-${number}`;
  return checkRegion(meant).length === 0 ? meant : undefined;
}

// Amazon S3 User Guide, "General purpose bucket naming rules".
const BUCKET = /^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$/;
const NOT_A_BUCKET =
  /\.\.|^(?:\d+\.){3}\d+$|^(?:xn--|sthree-|amzn-s3-demo-)|(?:-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/;

function checkBucket(value: string): readonly string[] {
  if (BUCKET.test(value) && !NOT_A_BUCKET.test(value)) return [];
  const [, bucket] = /^(?:s3:\/\/|arn:[a-z-]+:s3:::)([^/]+)/.exec(value) ?? [];
  if (bucket !== undefined)
    return [`${quote(value)} is not a bucket's name: write the name alone, \`${printable(bucket, 64)}\``];
  return [
    `${quote(value)} is not the name of an S3 bucket: write 3 to 63 lower-case letters, digits, hyphens and dots, as S3 names it`,
  ];
}

function checkEmail(value: string): readonly string[] {
  // HTML's own pattern takes any host; AWS sends mail to the internet.
  if (z.regexes.html5Email.test(value) && /@[^@]+\.[^@]+$/.test(value)) return [];
  const several = /@.*[,; ].*@/s.test(value);
  return [
    several
      ? `${quote(value)} is more than one address: write one, and subscribe the others to the topic AlertTopic`
      : `${quote(value)} is not a mail address: write one such as oncall@example.com`,
  ];
}
