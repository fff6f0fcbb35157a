/** Where a client connects to. */
export interface Endpoint {
  readonly Address: string;
  readonly Port: number;
}

/** What AWS makes up for each account and region. */
const ACCOUNT_PART = 'local0';

/**
 * `sessions.local0.0001.use1.cache.amazonaws.com`, and the like: the form is that of the samples in AWS's documentation.
 * Nothing answers there.
 *
 * @param parts what comes between the name and the region: the number of a node, or `cfg`, or `ng.0001`.
 */
export function endpointAt(region: string, name: string, parts: string, port: number): Endpoint {
  return { Address: `${name}.${ACCOUNT_PART}.${parts}.${shortRegion(region)}.cache.amazonaws.com`, Port: port };
}

/**
 * `catalog-local0.serverless.use1.cache.amazonaws.com`, as such addresses are seen in public; with `public.` before
 * `serverless` for one on the internet, as in the samples in AWS's documentation.
 */
export function serverlessEndpointAt(
  region: string,
  name: string,
  port: number,
  connectionType: 'vpc' | 'public',
): Endpoint {
  const place = `${connectionType === 'public' ? 'public.' : ''}serverless.${shortRegion(region)}`;
  return { Address: `${name}-${ACCOUNT_PART}.${place}.cache.amazonaws.com`, Port: port };
}

/** `us-east-1` is `use1`, `ap-southeast-2` is `apse2`. */
function shortRegion(region: string): string {
  const [area = '', ...others] = region.split('-');
  return area + others.map((part) => part.replace(/^(north|south)?(.).*$/, initials)).join('');
}

function initials(_part: string, first: string | undefined, second: string): string {
  return (first?.charAt(0) ?? '') + second;
}
