import { expect, test } from 'vitest';
import { ACCOUNT } from '../../support/examples/grants.ts';
import { createGroup } from '../../support/local-aws/local-ec2.ts';
import { startEndpoint } from '../../support/local-aws/local-endpoint.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

test('EC2 answers in XML of its own: members in lower camel case, the members of lists as items', async () => {
  const { ec2, call, region } = await startEndpoint();
  const groupId = await createGroup(ec2);
  const permission = {
    'IpPermissions.1.IpProtocol': 'tcp',
    'IpPermissions.1.FromPort': '1',
    'IpPermissions.1.ToPort': '2',
  };
  const parameters = { GroupId: groupId, ...permission, 'IpPermissions.1.IpRanges.1.CidrIp': '10.0.0.0/8' };

  const { status, headers, body } = await call('AuthorizeSecurityGroupIngress', parameters, { service: 'ec2' });

  const id = region.securityGroupRules.list(groupId).find(({ isEgress }) => !isEgress)?.securityGroupRuleId;
  const item =
    `<securityGroupRuleId>${id}</securityGroupRuleId><groupId>${groupId}</groupId><groupOwnerId>${ACCOUNT}</groupOwnerId>` +
    '<isEgress>false</isEgress><ipProtocol>tcp</ipProtocol><fromPort>1</fromPort><toPort>2</toPort>' +
    '<cidrIpv4>10.0.0.0/8</cidrIpv4>';
  expect([status, headers['content-type']]).toEqual([200, 'text/xml']);
  expect(body).toBe(
    `${DECLARATION}<AuthorizeSecurityGroupIngressResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">` +
      `<requestId>${headers['x-amzn-requestid']}</requestId><return>true</return>` +
      `<securityGroupRuleSet><item>${item}</item></securityGroupRuleSet></AuthorizeSecurityGroupIngressResponse>`,
  );
});

test('EC2 answers errors in XML of its own, with what a caller wrote as text', async () => {
  const { call } = await startEndpoint();

  const { status, headers, body } = await call('DeleteSecurityGroup', { GroupName: '<b>&é' }, { service: 'ec2' });

  expect([status, headers['content-type']]).toEqual([400, 'text/xml']);
  expect(body.replace(/vpc-[0-9a-f]{17}/, 'VPC')).toBe(
    `${DECLARATION}<Response><Errors><Error><Code>InvalidGroup.NotFound</Code>` +
      '<Message>The security group &apos;&lt;b&gt;&amp;?&apos; does not exist in default VPC &apos;VPC&apos;</Message>' +
      `</Error></Errors><RequestID>${headers['x-amzn-requestid']}</RequestID></Response>`,
  );
});

test('EC2 answers an empty list as an empty element', async () => {
  const { call } = await startEndpoint();

  const { body } = await call('DescribeNetworkInterfaces', {}, { service: 'ec2' });

  expect(body).toContain('<networkInterfaceSet></networkInterfaceSet>');
});
