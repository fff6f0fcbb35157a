import { CfnGuardValidator } from '@cdklabs/cdk-validator-cfnguard';
import { App, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { Finding } from './verdict.ts';

/**
 * Has a CloudFormation template judged by cdk-nag (AWS Solutions and Serverless) and by the guard rules of AWS Control Tower's
 * proactive controls. Needs no network.
 *
 * @throws if the template cannot be read, or if a judge fails.
 */
export function judge(templateFile: string): Finding[] {
  const appConstruct = new App();
  new CfnInclude(new Stack(appConstruct, 'Stack'), 'Template', { templateFile });
  // cdk-nag reads the constructs, the other the file.
  const context = { appConstruct, templatePaths: [templateFile], stackTemplates: [] };
  const judges = [new AwsSolutionsChecks(appConstruct), new ServerlessChecks(appConstruct), new CfnGuardValidator()];
  return judges
    .flatMap((one) => one.validate(context).violations)
    .flatMap(({ ruleName, description, violatingResources }) =>
      violatingResources.map(({ resourceLogicalId, constructPath }) => ({
        rule: ruleName,
        // cdk-nag names the construct, Stack/Template/DeadLetterQueue.
        resource: resourceLogicalId ?? constructPath?.split('/').at(-1) ?? '',
        says: description,
      })),
    );
}
