import type { Place } from '../policy/place.ts';
import type { AuditReport } from './audit-report.ts';
import { accountNames, describeAccount } from './organization.ts';
import { count, list } from './wording.ts';

/** More places than these are counted, not named. */
const MOST_PLACES = 4;

/** What an audit looked at: `12 caches behind 5 security groups, and 4 cache security groups`; nothing if there was nothing. */
export function describeLookedAt({ counts, regions }: AuditReport): string {
  const { caches, securityGroups = 0, cacheSecurityGroups } = counts;
  const hasClassic = regions.some((one) => !isWithoutEc2Classic(one));
  const parts = [
    ...(caches === undefined ? [] : [`${count(caches, 'cache')} behind ${count(securityGroups, 'security group')}`]),
    ...(hasClassic || cacheSecurityGroups > 0 ? [count(cacheSecurityGroups, 'cache security group')] : []),
  ];
  // Not `behind 5 security groups and 4 cache security groups`.
  return parts.join(', and ');
}

/** Where the account has no EC2-Classic, and so no cache security groups: `us-east-1 and eu-west-1`, `9 regions`. */
export function describeWithoutEc2Classic(report: AuditReport): string {
  return namePlaces(report.regions.filter(isWithoutEc2Classic), report);
}

/** Some places of a report, or how many there are. */
export function namePlaces(places: readonly Place[], report: AuditReport): string {
  // The names of accounts would make a sentence long.
  const names = [...new Set(places.map(placeNamer({ ...report, targets: [] })))].sort();
  return names.length > MOST_PLACES ? count(names.length, placeWord(report)) : list(names, 'and');
}

/** What a place of a report is called: in one account, regions are what there are several of. */
export function placeWord(report: PlacesOf): 'region' | 'place' {
  return isOfSeveralAccounts(report) ? 'place' : 'region';
}

/** Names a place of a report: its region, and its account, with its name, if the report is of several. */
export function placeNamer(report: PlacesOf): (place: Place) => string {
  const isOfSeveral = isOfSeveralAccounts(report);
  const names = accountNames(report);
  const describe = (account: string) => describeAccount({ account, name: names.get(account) });
  return ({ account, region }) => (isOfSeveral ? `${region} of ${describe(account)}` : region);
}

type PlacesOf = Pick<AuditReport, 'expected' | 'regions' | 'notJudged' | 'targets'>;

/** Also if an account is one that no one expected. */
function isOfSeveralAccounts({ expected, regions, notJudged }: PlacesOf): boolean {
  return new Set([...expected.places, ...regions, ...notJudged].map(({ account }) => account)).size > 1;
}

export function isWithoutEc2Classic({ status, ec2Classic }: AuditReport['regions'][number]): boolean {
  return ec2Classic === false || status === 'not-applicable';
}
