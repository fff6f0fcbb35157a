import { expect, test } from 'vitest';
import { ACCOUNT } from '../../support/examples/grants.ts';
import { startWithSecurityGroups } from '../../support/local-aws/caches.ts';

/** Without the line breaks and indents that are here for the reader. */
function xml(action: string, result: string, requestId: unknown): string {
  const body = `<${action}Response xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"><${action}Result>${result}</${action}Result>
    <ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
  return body.replaceAll(/\n\s*/g, '');
}

// The names of lists and their members are those of AWS's service model, as botocore ships it.

test('DescribeCacheClusters is answered with exactly this XML', async () => {
  const { call, settle, clock, web } = await startWithSecurityGroups();
  const time = new Date(clock.now()).toISOString();
  await call('CreateCacheCluster', {
    CacheClusterId: 'mem',
    Engine: 'memcached',
    'SecurityGroupIds.SecurityGroupId.1': web,
  });
  settle();

  const { body, headers } = await call('DescribeCacheClusters', { ShowCacheNodeInfo: 'true' });

  const result = `
    <CacheClusters>
      <CacheCluster>
        <CacheClusterId>mem</CacheClusterId>
        <ConfigurationEndpoint>
          <Address>mem.local0.cfg.use1.cache.amazonaws.com</Address>
          <Port>11211</Port>
        </ConfigurationEndpoint>
        <CacheNodeType>cache.t4g.micro</CacheNodeType>
        <Engine>memcached</Engine>
        <EngineVersion>1.6.22</EngineVersion>
        <CacheClusterStatus>available</CacheClusterStatus>
        <NumCacheNodes>1</NumCacheNodes>
        <CacheClusterCreateTime>${time}</CacheClusterCreateTime>
        <CacheNodes>
          <CacheNode>
            <CacheNodeId>0001</CacheNodeId>
            <CacheNodeStatus>available</CacheNodeStatus>
            <CacheNodeCreateTime>${time}</CacheNodeCreateTime>
            <Endpoint>
              <Address>mem.local0.0001.use1.cache.amazonaws.com</Address>
              <Port>11211</Port>
            </Endpoint>
          </CacheNode>
        </CacheNodes>
        <CacheSecurityGroups></CacheSecurityGroups>
        <CacheSubnetGroupName>default</CacheSubnetGroupName>
        <SecurityGroups>
          <member><SecurityGroupId>${web}</SecurityGroupId><Status>active</Status></member>
        </SecurityGroups>
        <ARN>arn:aws:elasticache:us-east-1:${ACCOUNT}:cluster:mem</ARN>
      </CacheCluster>
    </CacheClusters>`;
  expect(body).toBe(xml('DescribeCacheClusters', result, headers['x-amzn-requestid']));
});

test('CreateReplicationGroup is answered with exactly this XML', async () => {
  const { call, clock } = await startWithSecurityGroups();
  const time = new Date(clock.now()).toISOString();
  const parameters = { ReplicationGroupId: 'shop', ReplicationGroupDescription: 'a & b', NumNodeGroups: '2' };

  const { body, headers } = await call('CreateReplicationGroup', parameters);

  const result = `
    <ReplicationGroup>
      <ReplicationGroupId>shop</ReplicationGroupId>
      <Description>a &amp; b</Description>
      <Status>creating</Status>
      <MemberClusters><ClusterId>shop-0001-001</ClusterId><ClusterId>shop-0002-001</ClusterId></MemberClusters>
      <ClusterEnabled>true</ClusterEnabled>
      <CacheNodeType>cache.t4g.micro</CacheNodeType>
      <ARN>arn:aws:elasticache:us-east-1:${ACCOUNT}:replicationgroup:shop</ARN>
      <ReplicationGroupCreateTime>${time}</ReplicationGroupCreateTime>
      <Engine>redis</Engine>
    </ReplicationGroup>`;
  expect(body).toBe(xml('CreateReplicationGroup', result, headers['x-amzn-requestid']));
});

test('DescribeServerlessCaches is answered with exactly this XML', async () => {
  const { call, settle, clock, web, batch } = await startWithSecurityGroups();
  const time = new Date(clock.now()).toISOString();
  await call('CreateServerlessCache', {
    ServerlessCacheName: 'catalog',
    Engine: 'valkey',
    'SecurityGroupIds.SecurityGroupId.1': web,
    'SecurityGroupIds.SecurityGroupId.2': batch,
    'SubnetIds.SubnetId.1': 'subnet-89abcdef',
  });
  settle();

  const { body, headers } = await call('DescribeServerlessCaches');

  const address = 'catalog-local0.serverless.use1.cache.amazonaws.com';
  const result = `
    <ServerlessCaches>
      <member>
        <ServerlessCacheName>catalog</ServerlessCacheName>
        <Description></Description>
        <CreateTime>${time}</CreateTime>
        <Status>available</Status>
        <Engine>valkey</Engine>
        <MajorEngineVersion>8</MajorEngineVersion>
        <SecurityGroupIds>
          <SecurityGroupId>${web}</SecurityGroupId>
          <SecurityGroupId>${batch}</SecurityGroupId>
        </SecurityGroupIds>
        <Endpoint><Address>${address}</Address><Port>6379</Port></Endpoint>
        <ReaderEndpoint><Address>${address}</Address><Port>6380</Port></ReaderEndpoint>
        <ARN>arn:aws:elasticache:us-east-1:${ACCOUNT}:serverlesscache:catalog</ARN>
        <SubnetIds><SubnetId>subnet-89abcdef</SubnetId></SubnetIds>
        <ConnectionType>vpc</ConnectionType>
      </member>
    </ServerlessCaches>`;
  expect(body).toBe(xml('DescribeServerlessCaches', result, headers['x-amzn-requestid']));
});
