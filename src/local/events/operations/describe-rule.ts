import type { Operation } from '../../operation.ts';
import { readRule, ruleArnOf } from '../read-rule.ts';

export const describeRule: Operation = {
  parameters: ['Name', 'EventBusName'],
  readOnly: true,
  resourceOf: ruleArnOf('Name'),
  run(parameters, region, { account }) {
    const { bus, rule } = readRule(parameters, 'Name', region);
    return {
      Name: rule.name,
      Arn: rule.arn,
      ...(rule.eventPattern !== undefined && { EventPattern: JSON.stringify(rule.eventPattern) }),
      ...(rule.scheduleExpression !== undefined && { ScheduleExpression: rule.scheduleExpression }),
      State: account.stateOf(rule),
      ...(rule.description !== undefined && { Description: rule.description }),
      EventBusName: bus.name,
      CreatedBy: account.id,
    };
  },
};
