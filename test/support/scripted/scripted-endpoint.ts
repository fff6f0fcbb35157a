import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { ACCOUNT, STRANGER } from '../examples/grants.ts';

/** What the endpoint does with one call: an answer, the connection cut, an answer that begins and does not go on, none at all, or no HTTP. */
export type Answer = { readonly status: number; readonly xml: string } | 'cut' | 'half' | 'silence' | 'no-http';

/** Answers by the Action and the parameters of a call. */
type AnswerTo = (action: string, parameters: URLSearchParams) => Answer | Promise<Answer>;

export interface ScriptedEndpoint extends AsyncDisposable {
  readonly url: string;
  /** The Action of every call so far, in order: of a JSON protocol, its operation. */
  readonly actions: readonly string[];
  /** The parameters of every call so far, in order. */
  readonly requests: readonly URLSearchParams[];
  /** How many calls the caller gave up on before they were answered. */
  abandoned(): number;
  /** How many connections are open. */
  connections(): Promise<number>;
}

const NAMESPACE = 'http://elasticache.amazonaws.com/doc/2015-02-02/';

/**
 * An HTTP endpoint that gives these answers in turn, the last one for ever: for what an ElastiCache does that no state
 * of its cache security groups explains. One that depends on the call is given its Action and its parameters. The XML is written by hand here,
 * as AWS's documentation shows it.
 */
export async function startScriptedEndpoint(...answers: readonly (Answer | AnswerTo)[]): Promise<ScriptedEndpoint> {
  const actions: string[] = [];
  const requests: URLSearchParams[] = [];
  let abandoned = 0;
  const server = createServer(async (request, response) => {
    const parameters = new URLSearchParams(await text(request));
    const action = parameters.get('Action') ?? request.headers['x-amz-target']?.toString().split('.').at(-1);
    const scripted = answers[Math.min(actions.length, answers.length - 1)] as Answer | AnswerTo;
    const answering = typeof scripted === 'function' ? scripted(action ?? '', parameters) : scripted;
    actions.push(action ?? '(none)');
    requests.push(parameters);
    const answer = await answering;
    response.once('close', () => {
      if (answer === 'silence') abandoned++;
    });
    give(answer, response);
  });
  // Only the caller closes a connection: one that it forgets stays open.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    actions,
    requests,
    abandoned: () => abandoned,
    connections: () => promisify(server.getConnections.bind(server))(),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const LISTS_OF_CACHES = ['DescribeCacheClusters', 'DescribeServerlessCaches'];

/** The same for an account without caches: the calls that list them find none, and take no turn. */
export function startScriptedAccount(...answers: readonly [Answer, ...Answer[]]): Promise<ScriptedEndpoint> {
  const left = [...answers];
  return startScriptedEndpoint((action) => {
    if (LISTS_OF_CACHES.includes(action)) return found(action);
    return (left.length > 1 ? left.shift() : left[0]) as Answer;
  });
}

/** What ElastiCache lists, by the call that does. If there is none of it, it sends an empty element. */
const LISTS: Readonly<Record<string, string>> = {
  DescribeCacheClusters: 'CacheClusters',
  DescribeServerlessCaches: 'ServerlessCaches',
  DescribeCacheSecurityGroups: 'CacheSecurityGroups',
};

/** The answer of a call that lists something: nothing, or these elements. */
export function found(action: string, elements = `<${LISTS[action]}/>`): Answer {
  return {
    status: 200,
    xml: `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${elements}</${action}Result>
  <ResponseMetadata><RequestId>1f3a9c4e-0000-4000-8000-000000000004</RequestId></ResponseMetadata></${action}Response>`,
  };
}

function give(answer: Answer, response: ServerResponse): void {
  if (answer === 'silence') return;
  if (answer === 'cut') {
    response.destroy();
    return;
  }
  if (answer === 'no-http') {
    response.socket?.end('SSH-2.0-OpenSSH_9.9');
    return;
  }
  if (answer === 'half') {
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.write('<');
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'text/xml', 'x-amzn-RequestId': randomUUID() });
  response.end(answer.xml);
}

/** An error; `code` is the code on the wire, as in wire-contract: `AuthorizationNotFound`, not `…Fault`. */
export function error(status: number, code: string, message = 'A message.'): Answer {
  const type = status >= 500 ? 'Receiver' : 'Sender';
  return {
    status,
    xml: `<ErrorResponse xmlns="${NAMESPACE}">
  <Error><Type>${type}</Type><Code>${code}</Code><Message>${message}</Message></Error>
  <RequestId>1f3a9c4e-0000-4000-8000-000000000001</RequestId>
</ErrorResponse>`,
  };
}

export const busy = error(400, 'InvalidCacheSecurityGroupState');

/** What AWS answers to each of these calls in an account that has no EC2-Classic: in every account of today. */
export const noEc2Classic = error(
  400,
  'InvalidParameterValue',
  'Use of cache security groups is not permitted in this API version for your account.',
);

/** Revoke's answer when it is accepted: the grant is still listed, as `revoking`. */
export const accepted: Answer = {
  status: 200,
  xml: `<RevokeCacheSecurityGroupIngressResponse xmlns="${NAMESPACE}">
  <RevokeCacheSecurityGroupIngressResult>${cacheSecurityGroup('revoking')}</RevokeCacheSecurityGroupIngressResult>
  <ResponseMetadata><RequestId>1f3a9c4e-0000-4000-8000-000000000002</RequestId></ResponseMetadata>
</RevokeCacheSecurityGroupIngressResponse>`,
};

/** Describe's answer: cache security group `sessions`, with one grant in this state. */
export function described(status: string): Answer {
  return {
    status: 200,
    xml: `<DescribeCacheSecurityGroupsResponse xmlns="${NAMESPACE}">
  <DescribeCacheSecurityGroupsResult>
    <CacheSecurityGroups>${cacheSecurityGroup(status)}</CacheSecurityGroups>
  </DescribeCacheSecurityGroupsResult>
  <ResponseMetadata><RequestId>1f3a9c4e-0000-4000-8000-000000000003</RequestId></ResponseMetadata>
</DescribeCacheSecurityGroupsResponse>`,
  };
}

function cacheSecurityGroup(status: string): string {
  return `<CacheSecurityGroup>
    <EC2SecurityGroups><EC2SecurityGroup>
      <Status>${status}</Status>
      <EC2SecurityGroupName>web</EC2SecurityGroupName>
      <EC2SecurityGroupOwnerId>${STRANGER}</EC2SecurityGroupOwnerId>
    </EC2SecurityGroup></EC2SecurityGroups>
    <CacheSecurityGroupName>sessions</CacheSecurityGroupName>
    <OwnerId>${ACCOUNT}</OwnerId>
    <Description>Sessions of the shop</Description>
  </CacheSecurityGroup>`;
}
