import { readAlarms } from '../../aws/cloudwatch/read-alarms.ts';
import { outputOf } from '../deployed-stack.ts';
import { type Check, ok, unknown, wrong } from './check.ts';
import { type Deployment, makeAgain } from './deployment.ts';

const CHECK = 'alarm';

/** Whether the alarms are there, and notify the topic that people are subscribed to. */
export async function checkAlarms(deployment: Deployment): Promise<readonly Check[]> {
  const { region, resources, stack } = deployment;
  const topic = outputOf(stack, 'AlertTopicArn');
  const names = resources.filter(({ type }) => type === 'AWS::CloudWatch::Alarm').map(({ physicalId }) => physicalId);
  if (names.length === 0) return [unknown(CHECK, 'the alarms', new Error('the stack has none'))];
  const found = new Map((await readAlarms({ region }, names)).map((alarm) => [alarm.name, alarm]));
  const bad = names.flatMap((name): Check[] => {
    const alarm = found.get(name);
    if (alarm === undefined) {
      return [wrong(CHECK, `${name} is not there: someone deleted it`, makeAgain(deployment))];
    }
    if (alarm.actions.includes(topic)) return [];
    const fix = `aws cloudwatch enable-alarm-actions --alarm-names ${name} --region ${region}; if it stays, ${makeAgain(deployment)}`;
    return [wrong(CHECK, `${name} notifies no one: someone disabled or changed its actions`, fix)];
  });
  return bad.length > 0 ? bad : [ok(CHECK, `all ${names.length} alarms are there, and notify the topic`)];
}
