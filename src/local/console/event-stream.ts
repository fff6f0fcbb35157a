import type { ServerResponse } from 'node:http';

const MOST_CLIENTS = 32;
/** How much may wait for a client that does not read, in bytes. It comes back and gets everything again. */
const MOST_WAITING = 4 * 1024 * 1024;

/** Server-sent events for several pages. A page that is gone or does not keep up is dropped. */
export class EventStream {
  readonly #clients = new Set<ServerResponse>();

  get clients(): number {
    return this.#clients.size;
  }

  /** Sends a page this first message, and every further one. */
  add(response: ServerResponse, name: string, data: unknown): void {
    if (this.#clients.size >= MOST_CLIENTS) {
      response.writeHead(503, { 'content-type': 'text/plain' }).end('Too many pages are open.\n');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.on('close', () => this.#clients.delete(response));
    response.on('error', () => this.#clients.delete(response));
    this.#clients.add(response);
    response.write(`retry: 1000\n${toMessage(name, data)}`);
  }

  send(name: string, data: unknown): void {
    if (this.#clients.size === 0) return;
    const message = toMessage(name, data);
    for (const response of this.#clients) {
      if (response.writableLength + message.length <= MOST_WAITING) response.write(message);
      else response.destroy();
    }
  }

  close(): void {
    for (const response of this.#clients) response.end();
    this.#clients.clear();
  }
}

/** JSON holds no line break, so it is one line of data. */
function toMessage(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
