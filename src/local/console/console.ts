import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from '../api-error.ts';
import { ec2 } from '../ec2/ec2.ts';
import { elastiCache } from '../elasticache/elasticache.ts';
import type { LocalAws } from '../local-aws.ts';
import { whyOfAnotherSite } from '../other-sites.ts';
import { readHttpRequest } from '../query-request.ts';
import type { Credentials } from '../signature.ts';
import { callApi } from '../signed-call.ts';
import type { Evaluator } from './evaluator.ts';
import { EventStream } from './event-stream.ts';
import { followState, type LiveState } from './live-state.ts';
import type { About } from './messages.ts';
import { readPageFiles } from './page-files.ts';

/** The page at `/` of the local AWS. */
export interface Console {
  /** Answers what is meant for the page: true if it did. */
  serve(request: IncomingMessage, response: ServerResponse): boolean;
  /**
   * Shows what happens on this local AWS from now on.
   *
   * @param evaluator says what the allowlist makes of what stands. Not there when Ingress Guard is not deployed.
   */
  watch(aws: LocalAws, evaluator?: Evaluator): void;
  /** Ends what is open. */
  close(): void;
}

export interface ConsoleSettings {
  readonly about: Pick<About, 'regions' | 'guard'>;
  /** What the form's calls in the home account are signed with. They never reach the page. */
  readonly credentials: Credentials;
  /** After how many milliseconds what a call changed changes by itself: a grant is authorized, a cache is available. */
  readonly settlesAfterMs: readonly number[];
}

/** Whose operations the page may call. */
const SERVICES: ReadonlySet<string> = new Set([ec2.name, elastiCache.name]);

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/**
 * Makes the console page of a local AWS. Only pages that it served itself are answered: another site cannot read it
 * through another name that leads to loopback, nor make it call the API.
 */
export function startConsole({ about, credentials, settlesAfterMs }: ConsoleSettings): Console {
  const files = readPageFiles();
  const stream = new EventStream();
  const closing = new AbortController();
  let watched: { readonly aws: LocalAws; readonly state: LiveState } | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const refused = whyRefused(request);
    if (refused !== undefined) return refuse(response, 403, refused);
    const { pathname, searchParams } = urlOf(request);
    if (pathname === '/console/calls') {
      if (request.method !== 'POST') return refuse(response, 405, 'Calls are made with POST.');
      return await makeCall(request, response, searchParams);
    }
    if (request.method !== 'GET') return refuse(response, 405, 'There is nothing here but to GET.');
    if (pathname === '/console/events') {
      if (watched === undefined) return refuse(response, 503, 'The local AWS is not ready yet.');
      return stream.add(response, 'state', watched.state.read());
    }
    if (pathname === '/console/undo') return await advise(response, searchParams);
    const file = files.get(pathname);
    if (file === undefined) return refuse(response, 404, 'There is no such file.');
    response.writeHead(200, { 'content-type': file.contentType, 'content-length': file.contents.length });
    response.end(file.contents);
  }

  async function makeCall(request: IncomingMessage, response: ServerResponse, where: URLSearchParams): Promise<void> {
    if (watched === undefined) return refuse(response, 503, 'The local AWS is not ready yet.');
    const [account = '', region = '', service = ''] = ['account', 'region', 'service'].map(
      (name) => where.get(name) ?? '',
    );
    const { accounts, url } = watched.aws;
    const known = accounts.find(account);
    if (known === undefined) return refuse(response, 400, 'There is no such account.');
    if (!about.regions.includes(region)) return refuse(response, 400, 'There is no such region.');
    if (!SERVICES.has(service)) return refuse(response, 400, 'The page does not call that service.');
    const { body } = await readHttpRequest(request);
    const own = known === accounts.home ? credentials : (known.credentials ?? credentials);
    const as = { credentials: own, region, service, userAgent: 'ingress-guard-console' };
    const result = await callApi(url, as, { body }, closing.signal).then(
      ({ status, body: xml }) => ({ status, xml }),
      () => ({ problem: 'The connection was cut before an answer came. The call may have had its effect.' }),
    );
    sendJson(response, result);
  }

  async function advise(response: ServerResponse, which: URLSearchParams): Promise<void> {
    const [entry, index] = ['entry', 'decided'].map((name) => Number(which.get(name) ?? Number.NaN));
    try {
      const advice = await watched?.state.advise(entry as number, index as number);
      if (advice === undefined) return refuse(response, 404, 'That decision is not kept any more.');
      sendJson(response, advice);
    } catch (error) {
      refuse(response, 422, (error as Error).message);
    }
  }

  return {
    serve(request, response) {
      if (!isForConsole(request)) return false;
      answer(request, response).catch((error) => {
        if (error instanceof ApiError && !response.headersSent) {
          response.setHeader('connection', 'close');
          refuse(response, error.status, error.message);
        } else response.destroy();
      });
      return true;
    },
    watch(aws, evaluator) {
      const { accounts } = aws;
      const listed = accounts.list().map(({ id }) => {
        const name = accounts.organization?.members.get(id)?.name;
        return { id, ...(name !== undefined && { name }) };
      });
      const how = {
        about: { ...about, accounts: listed },
        settlesAfterMs,
        ...(evaluator && { evaluator }),
        isWatched: () => stream.clients > 0,
      };
      const state = followState(aws, how, (change) => stream.send('change', change));
      watched = { aws, state };
    },
    close() {
      closing.abort();
      watched?.state.stop();
      watched = undefined;
      stream.close();
    },
  };
}

/** `/console/…`, and `/` for a browser: AWS clients do not ask for HTML. Everything else is the API's. */
function isForConsole(request: IncomingMessage): boolean {
  const { url = '/', method, headers } = request;
  if (url.startsWith('/console/')) return true;
  if (method !== 'GET' || !/^\/(\?|$)/.test(url) || !headers.accept?.includes('text/html')) return false;
  return !urlOf(request).searchParams.has('Action');
}

/** Why a request cannot be from a page of ours, nor from someone who opens one; `undefined` if it can. */
function whyRefused(request: IncomingMessage): string | undefined {
  const { headers, method, url } = request;
  // Every browser sends it with a POST.
  if (method === 'POST' && headers.origin === undefined) return 'The Origin header is missing.';
  // A link on another site may lead to the page; but nothing of it may be part of another site.
  const isLinked = method === 'GET' && !url?.startsWith('/console/');
  const { 'sec-fetch-site': _, ...others } = headers;
  return whyOfAnotherSite(isLinked ? { headers: others, socket: request.socket } : request);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${why}\n`);
}

function urlOf({ url = '/' }: IncomingMessage): URL {
  // Put together like this, no path can be taken for another host.
  return new URL(`http://127.0.0.1${url}`);
}
