import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { Readable, Writable } from 'node:stream';

const REVOKED = Buffer.from(
  '<RevokeCacheSecurityGroupIngressResponse xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/">' +
    '<RevokeCacheSecurityGroupIngressResult><CacheSecurityGroup><OwnerId>111122223333</OwnerId>' +
    '<CacheSecurityGroupName>sessions</CacheSecurityGroupName><Description>sessions</Description>' +
    '<EC2SecurityGroups><EC2SecurityGroup><Status>revoking</Status><EC2SecurityGroupName>web</EC2SecurityGroupName>' +
    '<EC2SecurityGroupOwnerId>444455556666</EC2SecurityGroupOwnerId></EC2SecurityGroup></EC2SecurityGroups>' +
    '</CacheSecurityGroup></RevokeCacheSecurityGroupIngressResult><ResponseMetadata>' +
    '<RequestId>0123abcd-0123-4567-89ab-0123456789ab</RequestId></ResponseMetadata>' +
    '</RevokeCacheSecurityGroupIngressResponse>',
);

/** The lists of an account without caches. */
const NONE: Readonly<Record<string, Buffer>> = {
  DescribeCacheClusters: emptyList('DescribeCacheClusters', 'CacheClusters'),
  DescribeServerlessCaches: emptyList('DescribeServerlessCaches', 'ServerlessCaches'),
};

function emptyList(action: string, list: string): Buffer {
  return Buffer.from(`<${action}Response><${action}Result><${list}/></${action}Result></${action}Response>`);
}

/** A request that is answered as soon as it is sent: a listing with nothing, and a revocation with success. */
class StubRequest extends Writable {
  readonly socket = { connecting: false, setKeepAlive() {}, setTimeout() {}, removeListener() {} };
  private readonly answer: (response: unknown) => void;
  private sent = '';

  constructor(answer: (response: unknown) => void) {
    super();
    this.answer = answer;
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.sent += chunk;
    done();
  }
  override _final(done: () => void): void {
    const [, action = ''] = /(?:^|&)Action=(\w+)/.exec(this.sent) ?? [];
    const body = NONE[action] ?? REVOKED;
    const headers = { 'content-type': 'text/xml', 'content-length': String(body.length) };
    this.answer(Object.assign(Readable.from([body]), { statusCode: 200, statusMessage: 'OK', headers }));
    done();
  }
  setTimeout(): this {
    return this;
  }
}

/** Answers all HTTP requests of this process from now on without a network; counts them. */
export function stubHttp(): { requests: number } {
  const counted = { requests: 0 };
  http.request = ((_options: unknown, answer: (response: unknown) => void) => {
    counted.requests++;
    return new StubRequest(answer);
  }) as unknown as typeof http.request;
  syncBuiltinESMExports();
  return counted;
}
