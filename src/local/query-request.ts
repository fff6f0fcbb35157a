import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.ts';
import type { Parameters } from './parameters.ts';
import { shown } from './shown.ts';

/** A request as it came in, read to its end. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const MEGABYTE = 1024 * 1024;

/**
 * Reads a request to its end.
 *
 * @throws {ApiError} RequestEntityTooLarge once the body is over so many megabytes; what is left of it is not read. MalformedQueryString
 * if the body is no text.
 */
export function readHttpRequest(request: IncomingMessage, megabytes = 1): Promise<HttpRequest> {
  const [path = '/', query = ''] = splitOnce(request.url ?? '/', '?');
  const { method = 'GET', headers } = request;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > megabytes * MEGABYTE) {
        request.pause();
        reject(new ApiError('RequestEntityTooLarge', `The request is larger than ${megabytes} MB.`, 413));
      } else {
        chunks.push(chunk);
      }
    });
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      // Bytes that are no text would all be taken for the same one, and pass for what was signed.
      if (!isUtf8(body)) reject(malformed('the body is not UTF-8'));
      else resolve({ method, path, query, headers, body: body.toString('utf8') });
    });
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
    throw malformed(shown(text), { cause: error });
  }
}

function malformed(why: string, options?: ErrorOptions): ApiError {
  return new ApiError('MalformedQueryString', `The query string contains a syntax error: ${why}`, 404, options);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
