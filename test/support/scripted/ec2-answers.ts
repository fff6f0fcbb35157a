import { ACCOUNT } from '../examples/grants.ts';
import type { Answer } from './scripted-endpoint.ts';

/** An error of EC2's: it has an envelope of its own. */
export function ec2Error(status: number, code: string, message = 'A message.'): Answer {
  return {
    status,
    xml: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors>
  <RequestID>1f3a9c4e-0000-4000-8000-000000000001</RequestID></Response>`,
  };
}

/** An answer of EC2's with these elements in it. */
export function ec2Answer(operation: string, elements: string): Answer {
  return {
    status: 200,
    xml: `<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>1f3a9c4e-0000-4000-8000-000000000002</requestId>${elements}
</${operation}Response>`,
  };
}

/** A page of rules: each the elements that differ from a rule of `sg-0a` that opens 6379 to nobody yet. */
export function rulesPage(rules: readonly Readonly<Record<string, string | undefined>>[], nextToken = ''): Answer {
  const items = rules.map((changes) => `<item>${toElements({ ...RULE, ...changes })}</item>`);
  const token = nextToken && `<nextToken>${nextToken}</nextToken>`;
  return ec2Answer(
    'DescribeSecurityGroupRules',
    `<securityGroupRuleSet>${items.join('')}</securityGroupRuleSet>${token}`,
  );
}

const RULE = {
  securityGroupRuleId: 'sgr-01',
  groupId: 'sg-0a',
  groupOwnerId: ACCOUNT,
  isEgress: 'false',
  ipProtocol: 'tcp',
  fromPort: '6379',
  toPort: '6379',
};

/** A page of network interfaces: each the elements that differ from a cache node's. */
export function interfacesPage(
  interfaces: readonly Readonly<Record<string, string | undefined>>[],
  nextToken = '',
): Answer {
  const items = interfaces.map((changes) => `<item>${toElements({ ...NODE, ...changes })}</item>`);
  const token = nextToken && `<nextToken>${nextToken}</nextToken>`;
  return ec2Answer('DescribeNetworkInterfaces', `<networkInterfaceSet>${items.join('')}</networkInterfaceSet>${token}`);
}

const NODE = {
  description: 'ElastiCache sessions-001',
  requesterId: 'amazon-elasticache',
  requesterManaged: 'true',
};

/** A value may be elements itself. */
function toElements(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('');
}
