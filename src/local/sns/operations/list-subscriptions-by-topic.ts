import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { required } from '../../parameters.ts';

/** How many a page has. https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html */
const PAGE = 100;

export const listSubscriptionsByTopic: Operation = {
  parameters: ['TopicArn', 'NextToken'],
  readOnly: true,
  resourceOf: (parameters) => parameters.get('TopicArn') ?? '*',
  run(parameters, { topics, accountId }) {
    const topic = topics.find(required(parameters, 'TopicArn'));
    // Code and words are seen in public reports.
    if (topic === undefined) throw new ApiError('NotFound', 'Topic does not exist', 404);
    const token = parameters.get('NextToken');
    const from = token === undefined ? 0 : Number(token);
    if (!Number.isSafeInteger(from)) throw new ApiError('InvalidParameter', 'Invalid parameter: NextToken');
    const isLast = from + PAGE >= topic.subscriptions.length;
    return {
      Subscriptions: topic.subscriptions.slice(from, from + PAGE).map(({ arn, protocol, endpoint }) => ({
        SubscriptionArn: arn,
        Owner: accountId,
        Protocol: protocol,
        Endpoint: endpoint,
        TopicArn: topic.arn,
      })),
      ...(!isLast && { NextToken: String(from + PAGE) }),
    };
  },
};
