import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.ts';
import type { Parameters } from './parameters.ts';

/** A request as it came in, read to its end. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const MOST_BODY_BYTES = 1024 * 1024;

/**
 * Reads a request to its end.
 *
 * @throws {ApiError} RequestEntityTooLarge once the body is over 1 MB; what is left of it is not read.
 */
export function readHttpRequest(request: IncomingMessage): Promise<HttpRequest> {
  const [path = '/', query = ''] = splitOnce(request.url ?? '/', '?');
  const { method = 'GET', headers } = request;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_BODY_BYTES) {
        request.pause();
        reject(new ApiError('RequestEntityTooLarge', 'The request is larger than 1 MB.', 413));
      } else {
        chunks.push(chunk);
      }
    });
    request.on('end', () => resolve({ method, path, query, headers, body: Buffer.concat(chunks).toString('utf8') }));
    request.on('error', reject);
  });
}

/**
 * The parameters of a call: those of the query string and of the form in the body.
 *
 * @throws {ApiError} MalformedQueryString for broken percent-encoding, InvalidParameterCombination for a parameter that
 * is there twice: AWS does not say what it answers then, and to take one of the two would be a guess.
 */
export function readParameters({ query, body }: HttpRequest): Parameters {
  const parameters = new Map<string, string>();
  for (const pair of `${query}&${body}`.split('&')) {
    if (pair === '') continue;
    const [name, value] = splitOnce(pair, '=').map(decode) as [string, string];
    if (parameters.has(name)) {
      throw new ApiError('InvalidParameterCombination', `The parameter ${shown(name)} is there more than once.`);
    }
    parameters.set(name, value);
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    throw new ApiError('MalformedQueryString', `The query string contains a syntax error: ${shown(text)}`, 404, {
      cause: error,
    });
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** A caller's text for a message: cut, and without what XML or a terminal could not bear. */
export function shown(text: string | undefined): string {
  if (text === undefined) return '(none)';
  return text.slice(0, 64).replace(/[^ -~]/g, '?') + (text.length > 64 ? '...' : '');
}
