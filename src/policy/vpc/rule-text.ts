/** A rule of a security group, except its ids and its source. */
export interface RuleText {
  readonly ipProtocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly description?: string;
}

/** `tcp`, the number of a protocol, or `-1` for all. */
const PROTOCOL = /^(-1|[a-z0-9]{1,16})$/i;
/** What EC2 takes at most. */
const LONGEST_DESCRIPTION = 255;

/**
 * What a rule of a security group says, from what someone wrote: in a report, in a decision.
 *
 * @returns `undefined` if it is not that: a rule is restored as it was, or not at all. Never throws.
 */
export function readRuleText(written: unknown): RuleText | undefined {
  if (typeof written !== 'object' || written === null) return undefined;
  const { ipProtocol, fromPort, toPort, description } = written as Readonly<Record<keyof RuleText, unknown>>;
  if (typeof ipProtocol !== 'string' || !isProtocol(ipProtocol)) return undefined;
  if (!isPortOrNone(fromPort) || !isPortOrNone(toPort) || !isDescriptionOrNone(description)) return undefined;
  return ruleText({ ipProtocol, fromPort, toPort, description });
}

/** What a rule says, without what its grants say of it; what is not said is not there. */
export function ruleText({ ipProtocol, fromPort, toPort, description }: SaidRule): RuleText {
  return {
    ipProtocol,
    ...(fromPort !== undefined && { fromPort }),
    ...(toPort !== undefined && { toPort }),
    ...(description !== undefined && { description }),
  };
}

type SaidRule = { readonly ipProtocol: string } & {
  readonly [Key in Exclude<keyof RuleText, 'ipProtocol'>]?: RuleText[Key] | undefined;
};

/** Whether a text could be a rule's protocol. */
export function isProtocol(text: string): boolean {
  return PROTOCOL.test(text);
}

/** Also -1, which EC2 writes where the protocol has no ports, and 0. */
export function isPortOrNone(value: unknown): value is number | undefined {
  if (value === undefined) return true;
  return Number.isInteger(value) && (value as number) >= -1 && (value as number) <= 65_535;
}

function isDescriptionOrNone(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value.length <= LONGEST_DESCRIPTION);
}
