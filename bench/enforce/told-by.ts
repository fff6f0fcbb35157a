import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Waits for a process to end: the first message that it sent, if it sent one, and what it wrote as an error. */
export async function toldBy<Message>(
  child: ChildProcess,
): Promise<{ readonly message: Message | undefined; readonly said: string }> {
  let message: Message | undefined;
  let said = '';
  child.once('message', (sent) => {
    message = sent as Message;
  });
  child.stderr?.on('data', (text) => {
    said += text;
  });
  await once(child, 'close');
  return { message, said };
}
