import { type JsonAnswer, type JsonEndpoint, jsonError, startJsonEndpoint } from './scripted-json-endpoint.ts';

/** What a store of allowlists holds: a text, or bytes; nothing; or something in the way of an answer. */
export type Held = string | Buffer | undefined | { readonly instead: JsonAnswer };

export interface RemoteStore extends JsonEndpoint {
  /** What INGRESS_GUARD_ALLOWLIST says to get it. */
  readonly location: string;
  /** The SDK's own variables by which a client finds it. */
  readonly environment: Readonly<Record<string, string>>;
  hold(held: Held): void;
}

/** An SSM with one parameter, `/guard/allowlist`. */
export async function startSsm(held: Held): Promise<RemoteStore> {
  let now = held;
  const endpoint = await startJsonEndpoint(({ operation, body }) => {
    if (isInstead(now)) return now.instead;
    if (operation !== 'GetParameter' || body.Name !== '/guard/allowlist' || now === undefined) {
      return jsonError(400, 'ParameterNotFound', '');
    }
    // It keeps texts: of bytes, what the tool made of them that stored them.
    const Value = body.WithDecryption === true ? String(now) : 'AQICAHh...';
    return { body: { Parameter: { Name: body.Name, Type: 'SecureString', Value, Version: 1 } } };
  });
  return {
    ...endpoint,
    location: 'ssm:/guard/allowlist',
    environment: { AWS_ENDPOINT_URL_SSM: endpoint.url },
    hold: (next) => {
      now = next;
    },
  };
}

/**
 * An AppConfig with one profile, `guard/prod/allowlist`: sessions begin with a token, each answer has the next one and
 * takes the last one away, and a configuration that its session has had already is answered by nothing.
 */
export async function startAppConfig(held: Held): Promise<RemoteStore & { forgetSessions(): void }> {
  let now = held;
  const sessions = new Map<string, Held>();
  let tokens = 0;
  const next = (had: Held): string => {
    const token = `token-${++tokens}`;
    sessions.set(token, had);
    return token;
  };
  const endpoint = await startJsonEndpoint(({ operation, query, body }) => {
    if (isInstead(now)) return now.instead;
    if (operation === 'POST /configurationsessions') {
      const { ApplicationIdentifier, EnvironmentIdentifier, ConfigurationProfileIdentifier } = body;
      const named = [ApplicationIdentifier, EnvironmentIdentifier, ConfigurationProfileIdentifier].join('/');
      if (named !== 'guard/prod/allowlist') return jsonError(404, 'ResourceNotFoundException', `no ${named}`);
      return { status: 201, headers: JSON_TYPE, body: { InitialConfigurationToken: next(undefined) } };
    }
    const token = query.get('configuration_token') ?? '';
    if (operation !== 'GET /configuration' || !sessions.has(token)) {
      return jsonError(400, 'BadRequestException', 'Request token is invalid');
    }
    const had = sessions.get(token);
    sessions.delete(token);
    const headers = { 'content-type': 'application/x-yaml', 'Next-Poll-Configuration-Token': next(now) };
    return { headers: { ...headers, 'Next-Poll-Interval-In-Seconds': '60' }, body: had === now ? '' : (now ?? '') };
  });
  return {
    ...endpoint,
    location: 'appconfig:guard/prod/allowlist',
    environment: { AWS_ENDPOINT_URL_APPCONFIGDATA: endpoint.url },
    hold: (held) => {
      now = held;
    },
    forgetSessions: () => sessions.clear(),
  };
}

function isInstead(held: Held): held is { readonly instead: JsonAnswer } {
  return typeof held === 'object' && 'instead' in held;
}

const JSON_TYPE = { 'content-type': 'application/json' };
