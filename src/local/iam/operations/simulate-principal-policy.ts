import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { required } from '../../parameters.ts';
import { readMembers } from '../../query-protocol.ts';
import { shown } from '../../shown.ts';
import type { Answer } from '../policy.ts';

const DECISIONS: Readonly<Record<Answer, string>> = {
  allow: 'allowed',
  'explicit deny': 'explicitDeny',
  'implicit deny': 'implicitDeny',
};

/**
 * What the policies of a role say of each action on each resource, all on one page. Policies of resources are not asked, as on AWS
 * when a call gives none. https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
export const simulatePrincipalPolicy: Operation = {
  parameters: ['PolicySourceArn', 'ActionNames.', 'ResourceArns.', 'ContextEntries.', 'MaxItems', 'Marker'],
  readOnly: true,
  resourceOf: (parameters) => parameters.get('PolicySourceArn') ?? '*',
  run(parameters, _region, { account }) {
    const arn = required(parameters, 'PolicySourceArn');
    const role = account.roles.find(arn);
    // Code and words are seen in public reports.
    if (role === undefined)
      throw new ApiError('NoSuchEntity', `The role with name ${shown(arn)} cannot be found.`, 404);
    const actions = readMembers(parameters, 'ActionNames');
    const resources = readMembers(parameters, 'ResourceArns');
    const context = readContext(parameters);
    return {
      EvaluationResults: actions.flatMap((action) =>
        (resources.length > 0 ? resources : ['*']).map((resource) => {
          const answers = role.policies?.map((policy) => policy({ action, resource, context })) ?? ['allow' as const];
          const decided = (['explicit deny', 'allow'] as const).find((one) => answers.includes(one)) ?? 'implicit deny';
          return { EvalActionName: action, EvalResourceName: resource, EvalDecision: DECISIONS[decided] };
        }),
      ),
      IsTruncated: false,
    };
  },
};

function readContext(parameters: Parameters<Operation['run']>[0]): ReadonlyMap<string, string | readonly string[]> {
  const context = new Map<string, readonly string[]>();
  for (let number = 1; ; number++) {
    const name = parameters.get(`ContextEntries.member.${number}.ContextKeyName`);
    if (name === undefined) return context;
    context.set(name.toLowerCase(), readMembers(parameters, `ContextEntries.member.${number}.ContextKeyValues`));
  }
}
