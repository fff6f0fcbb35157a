import type { Operation } from '../../operation.ts';
import { readStack, stackArnOf } from '../read-stack.ts';

/** One stack by its name. AWS lists all without a name; nothing here asks for that. */
export const describeStacks: Operation = {
  parameters: ['StackName', 'NextToken'],
  readOnly: true,
  resourceOf: stackArnOf,
  run(parameters, region) {
    const { name, arn, description, status, outputs, deployedAt } = readStack(parameters, region);
    return {
      Stacks: [
        {
          StackName: name,
          StackId: arn,
          ...(description !== undefined && { Description: description }),
          CreationTime: new Date(deployedAt).toISOString(),
          StackStatus: status,
          Outputs: [...outputs].map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
        },
      ],
    };
  },
};
