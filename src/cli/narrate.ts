import type { LocalAws } from '../local/local-aws.ts';
import type { ApiCall } from '../local/service.ts';
import { printable } from '../policy/quote.ts';
import type { Io } from './io.ts';
import { painter } from './paint.ts';

/** Writes to standard error, a line each, what happens on a local AWS: calls, events, outcomes. */
export function narrate(aws: LocalAws, io: Io): void {
  const paint = painter(io, 'stderr');
  const tell = (what: string, text: string): void => {
    const time = new Date().toISOString().slice(11, 23);
    // Names and messages in it are a caller's.
    io.stderr.write(`${paint('dim', time)} ${what.padEnd(8)} ${printable(text, 400)}\n`);
  };
  aws.events.on('call', (call) => tell('call', describeCall(call)));
  aws.events.on('event', ({ source, detail }) => {
    const { eventName = 'scheduled', errorCode } = detail as { eventName?: string; errorCode?: string };
    tell('event', `${source} ${eventName}${errorCode === undefined ? '' : ` (${errorCode})`}`);
  });
  aws.events.on('attempt', ({ functionName, attempt, number }) => {
    const tried = number === 1 ? '' : ` (try ${number})`;
    tell(
      'outcome',
      `${functionName}${tried}: ${attempt.error ? describeError(attempt.error) : describeResult(attempt.result)}`,
    );
  });
  aws.events.on('deadLetter', ({ functionName, attempts }) =>
    tell('dead', `${functionName} failed ${attempts} times: its event is in the dead-letter queue`),
  );
}

function describeCall({ action, parameters, error }: ApiCall): string {
  const what = /CacheSecurityGroup/.test(action) ? describeGrant(parameters) : [...parameters.values()].join(' ');
  return `${action} ${what} -> ${error === undefined ? 'done' : `${error.code}: ${error.message}`}`;
}

function describeGrant(parameters: ApiCall['parameters']): string {
  const group = parameters.get('CacheSecurityGroupName');
  const source = parameters.get('EC2SecurityGroupName');
  const owner = parameters.get('EC2SecurityGroupOwnerId');
  return [group, source && `<- ${source} of ${owner}`].filter(Boolean).join(' ');
}

function describeError({ name, message }: { readonly name: string; readonly message: string }): string {
  return `${name}: ${message}`;
}

function describeResult(result: unknown): string {
  const { outcome, decision } = (result ?? {}) as {
    outcome?: string;
    decision?: { rule?: string; reasons?: { text: string }[] };
  };
  const why = decision?.rule === undefined ? decision?.reasons?.[0]?.text : `rule ${decision.rule}`;
  return [outcome ?? 'done', why].filter(Boolean).join(': ');
}
