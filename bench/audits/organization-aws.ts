// A stand-in for STS, Organizations, EC2 and ElastiCache with so many accounts, in a process of its own so that its work is not
// counted as the audit's. Each account has one cache in each region, behind a group with one rule that no allowlist rule allows.
// Says its URL, then answers each message with how many calls it got since the last one.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { accountAt, failingRegion, failureOf, HUB, ORGANIZATION, REGIONS } from './organization-places.ts';

const accounts = Number(process.argv[2]);

interface Answer {
  readonly status: number;
  readonly body: string;
}
const ok = (body: string): Answer => ({ status: 200, body });
const queryError = (status: number, code: string, message: string): Answer => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});
const ec2Error = (status: number, code: string, message: string): Answer => ({
  status,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
});
const query = (action: string, result: string): Answer =>
  ok(
    `<${action}Response><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`,
  );
const ec2 = (action: string, result: string): Answer =>
  ok(`<${action}Response><requestId>r</requestId>${result}</${action}Response>`);

/** ListAccounts of AWS Organizations, 20 a page. */
function listAccounts(body: string): Answer {
  const { NextToken = '0' } = JSON.parse(body) as { NextToken?: string };
  const [from, to] = [Number(NextToken), Math.min(accounts, Number(NextToken) + 20)];
  const Accounts = Array.from({ length: to - from }, (_, n) => {
    const Id = accountAt(from + n);
    const State = failureOf(Id) === 'suspended' ? 'SUSPENDED' : 'ACTIVE';
    return { Id, Name: `account-${from + n}`, State, Paths: [`${ORGANIZATION}/r-0001/ou-0001-00000001/${Id}/`] };
  });
  return ok(JSON.stringify({ Accounts, ...(to < accounts && { NextToken: String(to) }) }));
}

function assumeRole(parameters: URLSearchParams): Answer {
  const account = parameters.get('RoleArn')?.split(':')[4] ?? '';
  if (failureOf(account) === 'role') {
    return queryError(403, 'AccessDenied', 'User is not authorized to perform: sts:AssumeRole');
  }
  const expires = new Date(Date.now() + 900_000).toISOString();
  return query(
    'AssumeRole',
    `<Credentials><AccessKeyId>ASIA${account}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>${expires}</Expiration></Credentials>`,
  );
}

/** What a place answers that fails; `undefined` if it does not. */
function failAt(account: string, region: string, isEc2: boolean): Answer | undefined {
  const failure = failureOf(account);
  if (failure === undefined || failingRegion(account) !== region) return undefined;
  const error = isEc2 ? ec2Error : queryError;
  const [denied, throttled] = isEc2
    ? ['UnauthorizedOperation', 'RequestLimitExceeded']
    : ['AccessDenied', 'Throttling'];
  if (failure === 'scp') return error(403, denied, 'not authorized, with an explicit deny in a service control policy');
  if (failure === 'denied') return error(403, denied, 'not authorized');
  if (failure === 'throttled') return error(isEc2 ? 503 : 400, throttled, 'Rate exceeded');
  return failure === 'page' ? ok('<html><body>Please sign in</body></html>') : undefined;
}

function answer(action: string, parameters: URLSearchParams, account: string, region: string): Answer {
  if (action === 'AssumeRole') return assumeRole(parameters);
  if (action === 'GetCallerIdentity') return query(action, `<Account>${HUB}</Account><Arn>a</Arn><UserId>u</UserId>`);
  if (action === 'DescribeRegions') {
    const items = REGIONS.map((name) => `<item><regionName>${name}</regionName></item>`);
    return ec2(action, `<regionInfo>${items.join('')}</regionInfo>`);
  }
  const failed = failAt(account, region, action.includes('SecurityGroupRules'));
  if (failed !== undefined) return failed;
  if (action === 'DescribeCacheSecurityGroups') return query(action, '<CacheSecurityGroups/>');
  if (action === 'DescribeServerlessCaches') return query(action, '<ServerlessCaches/>');
  if (action === 'DescribeCacheClusters') {
    const groups = '<member><SecurityGroupId>sg-0000000000000000a</SecurityGroupId><Status>active</Status></member>';
    const cluster = `<CacheClusterId>sessions</CacheClusterId><CacheClusterStatus>available</CacheClusterStatus><Engine>valkey</Engine><SecurityGroups>${groups}</SecurityGroups><CacheNodes><CacheNode><CacheNodeId>0001</CacheNodeId><Endpoint><Address>a</Address><Port>6379</Port></Endpoint></CacheNode></CacheNodes>`;
    return query(action, `<CacheClusters><CacheCluster>${cluster}</CacheCluster></CacheClusters>`);
  }
  if (action === 'DescribeSecurityGroupRules') {
    const rule = `<securityGroupRuleId>sgr-0000000000000000a</securityGroupRuleId><groupId>sg-0000000000000000a</groupId><groupOwnerId>${account}</groupOwnerId><isEgress>false</isEgress><ipProtocol>tcp</ipProtocol><fromPort>6379</fromPort><toPort>6379</toPort><cidrIpv4>0.0.0.0/0</cidrIpv4>`;
    return ec2(action, `<securityGroupRuleSet><item>${rule}</item></securityGroupRuleSet>`);
  }
  return queryError(400, 'InvalidAction', `the stand-in does not know ${action}`);
}

const calls: Record<string, number> = {};
const server = createServer(async (request, response) => {
  const body = (await buffer(request)).toString();
  const [, key = '', region = ''] = /Credential=(\w+)\/\d+\/([\w-]+)/.exec(request.headers.authorization ?? '') ?? [];
  const target = request.headers['x-amz-target'];
  const parameters = new URLSearchParams(body);
  const action = target === undefined ? (parameters.get('Action') ?? '') : 'ListAccounts';
  calls[action] = (calls[action] ?? 0) + 1;
  const given = target === undefined ? answer(action, parameters, key.slice(4), region) : listAccounts(body);
  const type = target === undefined ? 'text/xml' : 'application/x-amz-json-1.1';
  setTimeout(() => {
    response.writeHead(given.status, { 'content-type': type });
    response.end(given.body);
  }, ANSWER_MS);
});

/** AWS takes longer. What it takes is not the audit's. */
const ANSWER_MS = 5;

server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.on('message', () => {
  process.send?.({ ...calls });
  for (const action of Object.keys(calls)) delete calls[action];
});
process.on('disconnect', () => process.exit());
