import { listSubscriptions } from '../../aws/sns/list-subscriptions.ts';
import { outputOf } from '../deployed-stack.ts';
import { oneLine } from '../one-line.ts';
import { type Check, ok, wrong } from './check.ts';
import { type Deployment, makeAgain } from './deployment.ts';

const CHECK = 'subscription';

/** Whether someone gets the alarms and messages; and with the setting `chat`, whether a chat channel does. */
export async function checkSubscriptions(deployment: Deployment): Promise<readonly Check[]> {
  const [mails, chat] = await Promise.all([checkMails(deployment), checkChat(deployment)]);
  return [...mails, ...chat];
}

/** Amazon Q Developer in chat applications subscribes, when someone gives a channel the topic. */
async function checkChat({ stack, region }: Deployment): Promise<readonly Check[]> {
  const topic = stack.outputs.ChatTopicArn;
  if (topic === undefined) return [];
  const subscriptions = (await listSubscriptions({ region }, topic)) ?? [];
  if (subscriptions.some(({ isConfirmed }) => isConfirmed))
    return [ok(CHECK, 'a chat channel gets alarms and messages')];
  return [
    wrong(
      CHECK,
      'no chat channel gets messages: the topic ChatTopic has no confirmed subscription',
      `give a channel the topic ${topic}, in the console of Amazon Q Developer in chat applications: docs/how-to/chat.md`,
    ),
  ];
}

async function checkMails(deployment: Deployment): Promise<readonly Check[]> {
  const topic = outputOf(deployment.stack, 'AlertTopicArn');
  const subscriptions = await listSubscriptions({ region: deployment.region }, topic);
  const subscribe = `aws sns subscribe --topic-arn ${topic} --protocol email --notification-endpoint ADDRESS --region ${deployment.region}`;
  if (subscriptions === undefined) {
    return [wrong(CHECK, `${topic} is not there: someone deleted it`, makeAgain(deployment))];
  }
  if (subscriptions.length === 0) return [wrong(CHECK, 'no one gets alarms: the topic has no subscription', subscribe)];
  return subscriptions.map(({ protocol, endpoint, isConfirmed }) => {
    const who = oneLine(`${protocol} ${endpoint}`, 200);
    if (isConfirmed) return ok(CHECK, `${who} gets alarms and messages`);
    return wrong(
      CHECK,
      `${who} has not confirmed the subscription: nothing is sent there`,
      `open the link in AWS's mail to that address; for a new mail: ${subscribe}`,
    );
  });
}
