import type { Operation } from '../../operation.ts';
import { readRule, ruleArnOf } from '../read-rule.ts';

/** Documented: a rule has five targets at most, and so no more than one page of them. */
export const listTargetsByRule: Operation = {
  parameters: ['Rule', 'EventBusName', 'Limit', 'NextToken'],
  readOnly: true,
  resourceOf: ruleArnOf('Rule'),
  run: (parameters, region) => ({ Targets: readRule(parameters, 'Rule', region).rule.targets }),
};
