import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Opens a connection, for what no HTTP client would send. It is gone when the test is over. */
export function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.off('error', reject);
      // That it is cut is what most tests here are about.
      socket.on('error', () => {});
      resolve(socket);
    });
    socket.once('error', reject);
    onTestFinished(() => void socket.destroy());
  });
}

/** Sends bytes, and gives all that comes back until the connection is closed. */
export async function exchange(url: string, bytes: string | Buffer): Promise<string> {
  const socket = await openSocket(url);
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    received += text;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end(bytes);
  await closed;
  return received;
}

/** Sends the beginning of something, and hangs up. */
export async function hangUpAfter(url: string, bytes: string): Promise<void> {
  const socket = await openSocket(url);
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  socket.destroy();
}
