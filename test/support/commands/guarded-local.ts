import { EC2Client } from '@aws-sdk/client-ec2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { onTestFinished } from 'vitest';
import { REGION } from '../examples/grants.ts';
import { stubEnvironment } from '../functions/aws-environment.ts';
import { allowlistFile } from '../functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../functions/enforce-security-group-function.ts';
import { createSessions } from '../local-aws/create-sessions.ts';
import { authorize, createGroup, ingressOf, tcp } from '../local-aws/local-ec2.ts';
import { eventually } from '../time/eventually.ts';
import { startCommand } from './run-command.ts';

/** Whom VPC_ALLOWLIST lets in. */
export const SHOP = '10.0.0.0/16';

/**
 * `ingress-guard local` with the real functions, and the security group of a cache in it, which the shop may reach.
 *
 * @param whenReady is called before anything is in it, with the file of the allowlist.
 */
export async function startGuardedLocal(
  options: readonly string[],
  allowlist = VPC_ALLOWLIST,
  whenReady: (allowlistFile: string) => Promise<void> = async () => {},
) {
  const file = await allowlistFile(allowlist);
  const local = startCommand(
    ['local', '--port', '0', '--creating-ms', '0', '--transition-ms', '0', '--region', REGION, ...options],
    { INGRESS_GUARD_ALLOWLIST: file },
  );
  await eventually(local.stdout).toMatch(/^ready /);
  await whenReady(file);
  const url = local.stdout().trim().replace('ready ', '');
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const as = { region: REGION, endpoint: url, credentials };
  const [ec2, elastiCache] = [new EC2Client(as), new ElastiCacheClient(as)];
  onTestFinished(() => {
    ec2.destroy();
    elastiCache.destroy();
  });
  const groupId = await createGroup(ec2);
  await createSessions(elastiCache, groupId);
  // Where that is denied, the group has no rule.
  const isDenied = options.includes('AuthorizeSecurityGroupIngress');
  if (!isDenied) await authorize(ec2, groupId, tcp(6379, { IpRanges: [{ CidrIp: SHOP }] }));
  stubEnvironment({ AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  return {
    url,
    /** The actions that were called so far, by anyone. */
    called: () => [...local.stderr().matchAll(/^\S+ call {5}(\w+)/gm)].map(([, action]) => action as string),
    ec2,
    groupId,
    /** The addresses that rules of the group let in. */
    letIn: async () => (await ingressOf(ec2, groupId)).map(({ CidrIpv4 }) => CidrIpv4),
  };
}
