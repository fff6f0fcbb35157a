import { countMessages } from '../../aws/sqs/count-messages.ts';
import { outputOf } from '../deployed-stack.ts';
import { type Check, make, ok, wrong } from './check.ts';
import { type Deployment, makeAgain } from './deployment.ts';

const CHECK = 'queue';

/** Whether nothing waits that could not be handled or delivered. */
export async function checkQueues(deployment: Deployment): Promise<readonly Check[]> {
  const { region, account, stack, stage } = deployment;
  const checks = ['DeadLetterQueue', 'UndeliveredQueue'].map((id) =>
    make({
      check: CHECK,
      what: id,
      async make() {
        const name = outputOf(stack, `${id}Url`).split('/').at(-1) ?? '';
        const count = await countMessages({ region }, { account, region }, name);
        if (count === undefined) {
          return [wrong(CHECK, `${id} (${name}) is not there: someone deleted it`, makeAgain(deployment))];
        }
        if (count === 0) return [ok(CHECK, `${id} is empty`)];
        return [
          wrong(
            CHECK,
            `${id} holds ${count}: what could not be ${id === 'DeadLetterQueue' ? 'handled' : 'delivered'} waits there`,
            `ingress-guard redrive --stage ${stage} --region ${region}`,
          ),
        ];
      },
    }),
  );
  return (await Promise.all(checks)).flat();
}
