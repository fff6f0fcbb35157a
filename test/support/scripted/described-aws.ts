import { ec2Answer, ec2Error } from './ec2-answers.ts';
import { type Answer, error, found, startScriptedEndpoint } from './scripted-endpoint.ts';

/** What AWS describes, as `aws … --output json` prints it; an error in place of what it refuses to. */
export type Described = Readonly<Record<string, object | Refusal>>;

/** An error of AWS's. */
export class Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;

  constructor(status: number, code: string, message = 'A message.') {
    this.status = status;
    this.code = code;
    this.message = message;
  }
}

/** What every account of today answers for cache security groups. */
export const NO_EC2_CLASSIC = new Refusal(
  400,
  'InvalidParameterValue',
  'Use of cache security groups is not permitted in this API version for your account.',
);

/**
 * An endpoint of ElastiCache and EC2 that answers each Describe call with the same, whatever it is asked. Filters are not applied:
 * the answers are to be what AWS would let through. A call that nothing is said of finds
 * nothing, or succeeds.
 */
export function startDescribedAws(described: Described) {
  return startScriptedEndpoint((action) => toAnswer(action, described[action] ?? nothingFor(action)));
}

function toAnswer(action: string, described: object | Refusal): Answer {
  const isEc2 = EC2_ACTION.test(action);
  if (described instanceof Refusal) {
    return (isEc2 ? ec2Error : error)(described.status, described.code, described.message);
  }
  return isEc2 ? ec2Answer(action, toXml(described, EC2)) : found(action, toXml(described, ELASTICACHE));
}

/** What a call is answered that nothing is said of: `DescribeNetworkInterfaces` lists `NetworkInterfaces`, a Revoke succeeds. */
function nothingFor(action: string): object {
  return action.startsWith('Describe') ? { [action.slice('Describe'.length)]: [] } : { Return: true };
}

const EC2_ACTION = /SecurityGroup(s|Rules|Ingress)$|NetworkInterfaces$|VpcEndpoints$|ManagedPrefixLists$/;

/** What names are called on the wire. */
interface Wire {
  readonly nameOf: (key: string) => string;
  /** What an item of a list is called. */
  readonly itemOf: (key: string) => string;
}

const EC2_LISTS: Readonly<Record<string, string>> = {
  NetworkInterfaces: 'networkInterfaceSet',
  SecurityGroups: 'securityGroupInfo',
  SecurityGroupRules: 'securityGroupRuleSet',
  VpcEndpoints: 'vpcEndpointSet',
  Groups: 'groupSet',
};
const EC2: Wire = {
  nameOf: (key) => EC2_LISTS[key] ?? key.charAt(0).toLowerCase() + key.slice(1),
  itemOf: () => 'item',
};
const ELASTICACHE: Wire = {
  nameOf: (key) => key,
  itemOf: (key) =>
    ['CacheClusters', 'CacheNodes', 'CacheSecurityGroups', 'SecurityGroupIds'].includes(key)
      ? key.slice(0, -1)
      : 'member',
};

function toXml(value: object, wire: Wire): string {
  return Object.entries(value)
    .map(([key, member]) => `<${wire.nameOf(key)}>${contentOf(key, member, wire)}</${wire.nameOf(key)}>`)
    .join('');
}

function contentOf(key: string, value: unknown, wire: Wire): string {
  if (Array.isArray(value)) {
    const item = wire.itemOf(key);
    return value.map((one) => `<${item}>${contentOf('', one, wire)}</${item}>`).join('');
  }
  return typeof value === 'object' && value !== null ? toXml(value, wire) : String(value);
}
