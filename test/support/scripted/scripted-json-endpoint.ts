import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A call as it came over HTTP. */
export interface JsonCall {
  /** `GetParameter`; of a REST API the method and the path. */
  readonly operation: string;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
}

/** What is answered: a status and a body; `half` for an answer that begins and does not go on; `silence` for no answer at all. */
export type JsonAnswer =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown }
  | 'half'
  | 'silence';

export interface JsonEndpoint {
  readonly url: string;
  readonly calls: readonly JsonCall[];
  close(): Promise<void>;
}

/** An HTTP server on loopback that answers as AWS's JSON protocols do; ends with the test at the latest. */
export async function startJsonEndpoint(answer: (call: JsonCall) => JsonAnswer): Promise<JsonEndpoint> {
  const calls: JsonCall[] = [];
  const server = createServer(async (request, response) => {
    const call = await read(request);
    calls.push(call);
    const answered = answer(call);
    if (answered === 'silence') return;
    if (answered === 'half') {
      response.write('{');
      return;
    }
    const { status = 200, headers = {}, body } = answered;
    response.writeHead(status, {
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-RequestId': randomUUID(),
      ...headers,
    });
    response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, close };
}

async function read(request: IncomingMessage): Promise<JsonCall> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const body = await text(request);
  const target = request.headers['x-amz-target'];
  return {
    operation: typeof target === 'string' ? (target.split('.')[1] as string) : `${request.method} ${pathname}`,
    query: searchParams,
    body: body === '' ? {} : JSON.parse(body),
  };
}

/** An error as `AmazonSSM` writes it, and REST APIs with its name in a header. */
export function jsonError(status: number, type: string, message: string): JsonAnswer {
  return { status, headers: { 'x-amzn-ErrorType': type }, body: { __type: type, message, Message: message } };
}
