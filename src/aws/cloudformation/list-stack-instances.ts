import { CloudFormationClient, paginateListStackInstances } from '@aws-sdk/client-cloudformation';
import type { Place } from '../../policy/place.ts';
import { prepareClient, RETRYING } from '../clients.ts';
import { pagesToTheEnd } from '../pages.ts';

/** The stack of a StackSet in one account and region. */
export interface StackInstance extends Place {
  /** `CURRENT`, `OUTDATED` or `INOPERABLE`. */
  readonly status: string;
  readonly reason?: string;
}

/**
 * Lists every stack of a service-managed StackSet with ListStackInstances, 100 a page, as a delegated administrator does.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function listStackInstances(
  region: string,
  stackSet: string,
  abortSignal?: AbortSignal,
): Promise<StackInstance[]> {
  const client = prepareClient(new CloudFormationClient({ ...RETRYING, region }), { ListStackInstances: 'Summaries' });
  const input = { StackSetName: stackSet, CallAs: 'DELEGATED_ADMIN' as const };
  const instances: StackInstance[] = [];
  try {
    const pages = paginateListStackInstances({ client, pageSize: 100 }, input, { abortSignal });
    for await (const page of pagesToTheEnd(pages, 'Summaries', 'NextToken')) {
      for (const { Account = '', Region = '', Status = '', StatusReason } of page) {
        instances.push({
          account: Account,
          region: Region,
          status: Status,
          ...(StatusReason && { reason: StatusReason }),
        });
      }
    }
    return instances;
  } finally {
    client.destroy();
  }
}
