import type { IncomingMessage } from 'node:http';

/**
 * Why a request may come from a page of another web site; `undefined` if it does not. A browser sends calls of any page to loopback,
 * also by a name of the other site that leads there (DNS rebinding), so the Host header must be this server's own address. Programs,
 * such as the AWS CLI and the SDKs, send neither Origin nor Sec-Fetch-Site.
 */
export function whyOfAnotherSite({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): string | undefined {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  const names = ['127.0.0.1', 'localhost'].flatMap((name) => {
    const withPort = `${name}:${socket.localPort}`;
    return socket.localPort === 80 ? [name, withPort] : [withPort];
  });
  if (!names.includes(host)) return 'The Host header is not the address this server listens on.';
  if (origin !== undefined && origin !== `http://${host}`)
    return 'The Origin header is not the address of this server.';
  return site === undefined || site === 'same-origin' || site === 'none' ? undefined : 'This is not for other sites.';
}
