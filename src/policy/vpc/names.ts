// How caches, security groups and ports are named. Apart from what reads whole grants, because that reads ranges of addresses as
// well, which takes long to load.

const ID = /^[a-z]{2,3}-[0-9a-z]{1,64}$/;
const CACHE_NAME = /^[a-zA-Z0-9-]{1,255}$/;
export const LAST_PORT = 65_535;

/** Whether a text could be the name of a cache, in whatever case. */
export function isCacheName(text: string): boolean {
  return CACHE_NAME.test(text);
}

/** Whether a text could be the id of a security group. AWS's have 8 or 17 hexadecimal digits. */
export function isSecurityGroupId(text: string): boolean {
  return text.startsWith('sg-') && ID.test(text);
}

/** Whether a value could be the name of a security group. All but its length is data: spaces, wildcards, other scripts. */
export function isGroupName(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= 255;
}

/** Whether a text could be the id of a security group's rule. */
export function isRuleId(text: string): boolean {
  return text.startsWith('sgr-') && ID.test(text);
}

/** Whether a text could be the id of a prefix list. */
export function isPrefixListId(text: string): boolean {
  return text.startsWith('pl-') && ID.test(text);
}

/** Whether a value is the number of a port that something can listen on. */
export function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LAST_PORT;
}
