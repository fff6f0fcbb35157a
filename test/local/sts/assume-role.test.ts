import { DescribeSecurityGroupsCommand, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { DescribeCacheClustersCommand } from '@aws-sdk/client-elasticache';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { createGroup } from '../../support/local-aws/local-ec2.ts';
import { OTHER_REGION } from '../../support/local-aws/local-endpoint.ts';
import {
  ec2As,
  elastiCacheAs,
  hubFunction,
  hubTrust,
  kept,
  MEMBER,
  OTHER_MEMBER,
  OUTSIDER,
  startOrganization,
  TRUSTS_EVERYONE,
} from '../../support/local-aws/organization.ts';

const READ = `arn:aws:iam::${MEMBER}:role/ingress-guard/read`;

/** An organization in which the member has a role that trusts the hub's functions. */
async function startWithRole(trustPolicy: object = hubTrust(), policies?: object[]) {
  const started = await startOrganization();
  const { aws } = started;
  const member = aws.accounts.find(MEMBER);
  if (member === undefined) throw new Error('there is no member');
  const role = { name: 'read', path: '/ingress-guard/', trustPolicy };
  member.roles.put({ ...role, ...(policies && { policies }) });
  return { ...started, member, hub: hubFunction(started) };
}

describe('AssumeRole', () => {
  test('gives credentials of the role’s account, and every call says whose they are', async () => {
    const started = await startWithRole();

    const session = await started.assume(started.hub, { RoleArn: READ, RoleSessionName: 'ingress-guard-run' });

    const sts = kept(new STSClient(started.as(session)));
    const { Account, Arn, UserId } = await sts.send(new GetCallerIdentityCommand());
    expect([Account, Arn]).toEqual([MEMBER, `arn:aws:sts::${MEMBER}:assumed-role/read/ingress-guard-run`]);
    const { detail } = started.events.at(-1) as { readonly detail: unknown };
    expect(detail).toMatchObject({
      recipientAccountId: MEMBER,
      userIdentity: {
        type: 'AssumedRole',
        arn: Arn,
        principalId: UserId,
        accountId: MEMBER,
        accessKeyId: session.accessKeyId,
        sessionContext: { sessionIssuer: { type: 'Role', arn: READ, accountId: MEMBER, userName: 'read' } },
      },
    });
  });

  test('is recorded in the caller’s account, without the secret', async () => {
    const started = await startWithRole();

    const session = await started.assume(started.hub, { RoleArn: READ });

    const [event] = started.events;
    expect(event).toMatchObject({
      account: ACCOUNT,
      detail: {
        eventName: 'AssumeRole',
        requestParameters: { roleArn: READ, roleSessionName: 'test' },
        responseElements: null,
      },
    });
    expect(JSON.stringify(started.events)).not.toContain(session.secretAccessKey);
  });

  test.each([
    ['a user of the hub, which is no function', (): string => ACCOUNT],
    ['a user of another member', () => OTHER_MEMBER],
    ['an account outside of the organization', () => OUTSIDER],
  ])('refuses %s, and says no more than that', async (_, who) => {
    const started = await startWithRole();

    const assuming = started.assume(who(), { RoleArn: READ });

    await expect(assuming).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringMatching(/^User: \S+ is not authorized to perform: sts:AssumeRole on resource: \S+$/),
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('refuses a function of the hub that is under another path', async () => {
    const started = await startWithRole();

    const assuming = started.assume(hubFunction(started, 'other', '/'), { RoleArn: READ });

    await expect(assuming).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('refuses the hub where the role trusts another organization', async () => {
    const started = await startWithRole(hubTrust('o-somebodyelse'));

    await expect(started.assume(started.hub, { RoleArn: READ })).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test.each(['roleMissing', 'suspended'] as const)('refuses with the fault %s as without a role', async (fault) => {
    const started = await startWithRole();
    started.member.faults = { [fault]: true };

    const refused = await started.assume(started.hub, { RoleArn: READ }).catch((error: Error) => error.message);
    started.member.faults = {};
    started.member.roles.delete('read');

    await expect(started.assume(started.hub, { RoleArn: READ })).rejects.toThrow(refused as string);
  });

  test('refuses a caller whose own role may not assume this one', async () => {
    const started = await startWithRole();
    const only = { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: 'arn:aws:iam::*:role/other' }] };
    const role = { name: 'judge', path: '/ingress-guard/', trustPolicy: TRUSTS_EVERYONE, policies: [only] };
    const narrow = started.aws.signInAs(started.aws.accounts.home.roles.put(role));

    await expect(started.assume(narrow, { RoleArn: READ })).rejects.toThrow(
      'because no identity-based policy allows the sts:AssumeRole action',
    );
  });

  test('refuses a region that the member has not enabled, in STS’s words', async () => {
    const started = await startWithRole();
    started.member.faults = { optOut: [OTHER_REGION] };
    const sts = kept(new STSClient(started.as(started.hub, OTHER_REGION)));

    const assuming = sts.send(new AssumeRoleCommand({ RoleArn: READ, RoleSessionName: 'test' }));

    await expect(assuming).rejects.toMatchObject({ name: 'RegionDisabledException' });
  });

  test.each([
    ['a session of 899 seconds', { DurationSeconds: 899 }, 'ValidationError'],
    ['a session longer than the role’s', { DurationSeconds: 3601 }, 'ValidationError'],
    ['a session without a name', { RoleSessionName: 'a' }, 'ValidationError'],
    ['a name with a space', { RoleSessionName: 'a b' }, 'ValidationError'],
    ['a role that is no ARN', { RoleArn: 'ingress-guard-read-role' }, 'ValidationError'],
    ['a policy of 2,049 characters', { Policy: ' '.repeat(2049) }, 'ValidationError'],
    ['a policy that is no JSON', { Policy: '{' }, 'MalformedPolicyDocumentException'],
    [
      'a policy with an operator that is not known',
      {
        Policy: JSON.stringify({
          Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition: { Odd: { 'aws:PrincipalArn': '*' } } },
        }),
      },
      'MalformedPolicyDocumentException',
    ],
  ])('refuses %s', async (_, input, name) => {
    const started = await startWithRole(TRUSTS_EVERYONE);

    await expect(started.assume(ACCOUNT, { RoleArn: READ, ...input })).rejects.toMatchObject({ name });
  });

  test('allows a session that assumes a role an hour at most', async () => {
    const started = await startWithRole();
    started.member.roles.put({
      name: 'read',
      path: '/ingress-guard/',
      trustPolicy: hubTrust(),
      maxSessionSeconds: 43_200,
    });

    const chained = started.assume(started.hub, { RoleArn: READ, DurationSeconds: 3601 });

    await expect(chained).rejects.toThrow(/role chaining/);
  });
});

describe('a session', () => {
  test('sees what its account has, and nothing of another’s', async () => {
    const started = await startWithRole();
    const groupId = await createGroup(ec2As(started, MEMBER));
    const others = await createGroup(ec2As(started, OTHER_MEMBER));

    const session = await started.assume(started.hub, { RoleArn: READ });

    const ec2 = ec2As(started, session);
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupNames: ['caches'] }));
    expect(SecurityGroups?.map(({ GroupId, OwnerId }) => [GroupId, OwnerId])).toEqual([[groupId, MEMBER]]);
    const asked = ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [others] }));
    await expect(asked).rejects.toMatchObject({ name: 'InvalidGroup.NotFound' });
  });

  test('expires, which each service says in its own words', async () => {
    const started = await startWithRole();
    const session = await started.assume(started.hub, { RoleArn: READ, DurationSeconds: 900 });
    const describe = () => elastiCacheAs(started, session).send(new DescribeCacheClustersCommand());

    await started.clock.advance(899_000);
    await describe();
    await started.clock.advance(1_000);

    await expect(describe()).rejects.toMatchObject({ name: 'ExpiredToken', $metadata: { httpStatusCode: 403 } });
    const ofEc2 = ec2As(started, session).send(new DescribeSecurityGroupsCommand());
    await expect(ofEc2).rejects.toMatchObject({ name: 'RequestExpired', message: 'Request has expired.' });
  });

  test('is nobody’s without its token', async () => {
    const started = await startWithRole();
    const session = await started.assume(started.hub, { RoleArn: READ });

    const sts = kept(new STSClient(started.as({ ...session, sessionToken: 'guess' })));

    await expect(sts.send(new GetCallerIdentityCommand())).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  test('may do what its role may, and is told what is missing in AWS’s words', async () => {
    const only = [{ Statement: [{ Effect: 'Allow', Action: 'elasticache:Describe*', Resource: '*' }] }];
    const started = await startWithRole(hubTrust(), only);
    const session = await started.assume(started.hub, { RoleArn: READ });

    await elastiCacheAs(started, session).send(new DescribeCacheClustersCommand());

    const refused = ec2As(started, session).send(new DescribeSecurityGroupsCommand());
    await expect(refused).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
      message: expect.stringMatching(/because no identity-based policy allows the ec2:DescribeSecurityGroups action$/),
    });
  });

  test('that a policy narrows to one security group can revoke nothing of another', async () => {
    const started = await startWithRole();
    const ec2 = ec2As(started, MEMBER);
    const [one, other] = [await createGroup(ec2, 'one'), await createGroup(ec2, 'other')];
    const Resource = `arn:aws:ec2:${REGION}:${MEMBER}:security-group/${one}`;
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'ec2:RevokeSecurityGroupIngress', Resource },
        {
          Effect: 'Allow',
          Action: 'ec2:Describe*',
          Resource: '*',
          Condition: { StringEquals: { 'aws:RequestedRegion': REGION } },
        },
      ],
    });
    const session = await started.assume(started.hub, { RoleArn: READ, Policy });
    const revoke = (GroupId: string) =>
      ec2As(started, session).send(
        new RevokeSecurityGroupIngressCommand({
          GroupId,
          IpProtocol: 'tcp',
          FromPort: 1,
          ToPort: 1,
          CidrIp: '10.0.0.0/8',
        }),
      );

    await revoke(one);

    await expect(revoke(other)).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
      message: expect.stringContaining('because no session policy allows the ec2:RevokeSecurityGroupIngress action'),
    });
    const elsewhere = ec2As(started, session, OTHER_REGION).send(new DescribeSecurityGroupsCommand());
    await expect(elsewhere).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });
});
