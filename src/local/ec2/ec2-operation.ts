import { ApiError } from '../api-error.ts';
import type { Operation } from '../operation.ts';
import type { Parameters } from '../parameters.ts';

/** One operation of EC2. The members of its result are named as on the wire: `securityGroupRuleSet`. */
export interface Ec2Operation extends Operation {
  /** What CloudTrail writes of its parameters, whatever they are. */
  readonly toRequestParameters: (parameters: Parameters) => object;
  /** Whether CloudTrail has its answer under the answer's own name, as it has those of newer operations. */
  readonly isRecordedByName?: boolean;
}

/** The operation, with the `DryRun` that every operation of EC2 has. Code and words are seen in public records. */
export function withDryRun(operation: Ec2Operation): Ec2Operation {
  return {
    ...operation,
    parameters: [...operation.parameters, 'DryRun'],
    run(parameters, region, context) {
      if (parameters.get('DryRun') === 'true') {
        throw new ApiError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
      }
      return operation.run(parameters, region, context);
    },
  };
}
