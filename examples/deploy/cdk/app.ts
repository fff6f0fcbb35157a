// Deploys Ingress Guard from its artifact: ARTIFACT=./ingress-guard-stack ALLOWLIST=allowlist.yaml npx cdk deploy
// Other parameters of the template become parameters of the stack: npx cdk deploy --parameters SecurityHub=true --parameters Chat=true
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';

const { ARTIFACT = 'ingress-guard-stack', ALLOWLIST = 'allowlist.yaml', MODE, ALERT_EMAIL = '' } = process.env;

const stack = new Stack(new App(), 'IngressGuard', { stackName: 'elasticache-ingress-guard-prod' });

const allowlist = new StringParameter(stack, 'Allowlist', {
  parameterName: '/ingress-guard/allowlist',
  stringValue: readFileSync(ALLOWLIST, 'utf8'),
  tier: ParameterTier.INTELLIGENT_TIERING,
});

const packages = readdirSync(ARTIFACT)
  .filter((file) => file.endsWith('.zip'))
  .map((file) => ({
    functionName: file.split('-', 1).join(),
    asset: new Asset(stack, file, { path: join(ARTIFACT, file) }),
  }));

const guard = new CfnInclude(stack, 'Guard', {
  templateFile: join(ARTIFACT, 'template.json'),
  parameters: {
    // Where the CDK puts assets; the keys that it chooses follow below.
    PackageBucket: packages[0]?.asset.s3BucketName,
    PackagePrefix: '',
    AllowlistParameter: allowlist.parameterName,
    Mode: MODE ?? 'report-only',
    AlertEmail: ALERT_EMAIL,
  },
});

for (const { functionName, asset } of packages) {
  const id = `${functionName.charAt(0).toUpperCase()}${functionName.slice(1)}LambdaFunction`;
  const target = guard.getResource(id) as CfnFunction;
  target.code = { s3Bucket: asset.s3BucketName, s3Key: asset.s3ObjectKey };
  // The functions read the allowlist from their first event on.
  target.node.addDependency(allowlist);
}
