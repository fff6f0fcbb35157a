import Builder from 'fast-xml-builder';
import type { ApiError } from '../api-error.ts';

const NAMESPACE = 'http://elasticache.amazonaws.com/doc/2015-02-02/';

/** What one member of a list is called on the wire; of all others, AWS's service model says `member`. */
const MEMBER_OF: Readonly<Record<string, string>> = {
  CacheClusters: 'CacheCluster',
  CacheNodes: 'CacheNode',
  CacheSecurityGroups: 'CacheSecurityGroup',
  CacheSubnetGroups: 'CacheSubnetGroup',
  EC2SecurityGroups: 'EC2SecurityGroup',
  MemberClusters: 'ClusterId',
  NodeGroupMembers: 'NodeGroupMember',
  NodeGroups: 'NodeGroup',
  ReplicationGroups: 'ReplicationGroup',
  SecurityGroupIds: 'SecurityGroupId',
  SubnetIds: 'SubnetId',
  Subnets: 'Subnet',
};

const builder = new Builder({ ignoreAttributes: false, attributeNamePrefix: '@' });

/** The body of a successful answer. `result` is undefined for operations that answer with nothing. */
export function toResponseXml(action: string, result: object | undefined, requestId: string): string {
  return builder.build({
    [`${action}Response`]: {
      '@xmlns': NAMESPACE,
      ...(result && { [`${action}Result`]: toElements(result) }),
      ResponseMetadata: { RequestId: requestId },
    },
  });
}

/** The body of an error. Errors of the 500s are AWS's (`Receiver`), all others the caller's. */
export function toErrorXml(error: ApiError, requestId: string): string {
  return builder.build({
    ErrorResponse: {
      '@xmlns': NAMESPACE,
      Error: { Type: error.status >= 500 ? 'Receiver' : 'Sender', Code: error.code, Message: error.message },
      RequestId: requestId,
    },
  });
}

function toElements(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => {
        if (!Array.isArray(member)) return [key, toElements(member)];
        return [key, member.length > 0 ? { [MEMBER_OF[key] ?? 'member']: member.map(toElements) } : ''];
      }),
  );
}
