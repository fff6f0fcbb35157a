import { expect } from 'vitest';
import { readXml, type XmlElement } from '../wire/xml.ts';

/** An answer over HTTP, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const NAMESPACE = 'http://elasticache.amazonaws.com/doc/2015-02-02/';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What one member of a list is called, per AWS's service model. */
const LISTS: Readonly<Record<string, string>> = {
  CacheClusters: 'CacheCluster',
  CacheNodes: 'CacheNode',
  CacheSecurityGroups: 'CacheSecurityGroup',
  EC2SecurityGroups: 'EC2SecurityGroup',
  MemberClusters: 'ClusterId',
  NodeGroupMembers: 'NodeGroupMember',
  NodeGroups: 'NodeGroup',
  ReplicationGroups: 'ReplicationGroup',
  SecurityGroupIds: 'SecurityGroupId',
  SecurityGroups: 'member',
  ServerlessCaches: 'member',
  SubnetIds: 'SubnetId',
};

/** Holds an answer to all that a successful one promises, and gives the members of its result. */
export function expectSuccess(answer: Answer, action: string): Record<string, unknown> {
  const root = expectAnswer(answer);
  expect([answer.status, root.name]).toEqual([200, `${action}Response`]);
  const metadata = root.children.at(-1) as XmlElement;
  expect(toPlain(metadata)).toEqual({ RequestId: answer.headers['x-amzn-requestid'] });
  expect(metadata.name).toBe('ResponseMetadata');
  const results = root.children.slice(0, -1);
  if (action === 'DeleteCacheSecurityGroup') {
    expect(results).toEqual([]);
    return {};
  }
  expect(results.map(({ name }) => name)).toEqual([`${action}Result`]);
  return toPlain(results[0] as XmlElement) as Record<string, unknown>;
}

/** Holds an answer to all that an error promises, and gives its message. */
export function expectError(answer: Answer, status: number, code: string): string {
  const root = expectAnswer(answer);
  expect(toPlain(root)).toEqual({
    Error: { Type: status >= 500 ? 'Receiver' : 'Sender', Code: code, Message: expect.stringMatching(/^\S/) },
    RequestId: answer.headers['x-amzn-requestid'],
  });
  expect(root.name).toBe('ErrorResponse');
  expect(answer.status).toBe(status);
  return root.children[0]?.children[2]?.text as string;
}

function expectAnswer({ headers, body }: Answer): XmlElement {
  const root = readXml(body);
  expect(root.attributes).toEqual({ xmlns: NAMESPACE });
  expect(headers['content-type']).toMatch(/^text\/xml\b/);
  expect(headers['x-amzn-requestid']).toMatch(UUID);
  return root;
}

/** The code of an error, whatever it is; undefined for a success. */
export function errorCodeOf({ body }: Answer): string | undefined {
  return readXml(body)
    .children.find(({ name }) => name === 'Error')
    ?.children.find(({ name }) => name === 'Code')?.text;
}

/** An element as plain data: text, an object, or, for AWS's lists, an array. */
function toPlain({ name, children, text }: XmlElement): unknown {
  const member = LISTS[name];
  if (member !== undefined) {
    expect(children.filter((child) => child.name !== member)).toEqual([]);
    return children.map(toPlain);
  }
  if (children.length === 0) return text;
  expect(text.trim()).toBe('');
  const plain = Object.fromEntries(children.map((child) => [child.name, toPlain(child)]));
  expect(Object.keys(plain)).toHaveLength(children.length);
  return plain;
}
