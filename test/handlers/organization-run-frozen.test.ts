import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Manifest } from '../../src/organization/manifest.ts';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { startOrganizationFunctions } from '../support/functions/organization-functions.ts';
import { MEMBER } from '../support/local-aws/organization.ts';

const RUN = '2026-11-29T01';

/** A way to S3 on which the first PUT of a file waits: as the call of a function that AWS freezes right then. */
async function startFreezing(s3: string, file: string) {
  const [held, thawed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let isFirst = true;
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    if (isFirst && request.method === 'PUT' && request.url?.includes(file)) {
      isFirst = false;
      held.resolve();
      await thawed.promise;
    }
    const { method, headers, url = '' } = request;
    const on = send(new URL(url, s3), { method, headers, setHost: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    on.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, held: held.promise, thaw: () => thawed.resolve() };
}

describe('a function that was frozen and thawed after its next try', () => {
  test('leaves the manifest that the run has by then, and goes on with it', async () => {
    const { aws, start, invoke, stored } = await startOrganizationFunctions();
    const freezing = await startFreezing(aws.url, 'manifest.json');
    const listTargets = await start('listTargets', {
      AWS_ENDPOINT_URL_S3: freezing.url,
      INGRESS_GUARD_EXCLUDED_ACCOUNTS: MEMBER,
    });

    const first = listTargets({ run: RUN });
    await freezing.held;
    const second = await invoke('listTargets', { run: RUN });
    freezing.thaw();

    expect((await first).result).toEqual(second.result);
    const { accounts } = stored(`runs/${RUN}/manifest.json`) as Manifest;
    expect(accounts.find(({ account }) => account === MEMBER)).not.toHaveProperty('excluded');
  });

  test('leaves what the run settled, and what was revoked by it is in the report', async () => {
    const { aws, start, invoke, stored, openCache } = await startOrganizationFunctions();
    const { rules } = await openCache(MEMBER, '0.0.0.0/0');
    await invoke('listTargets', { run: RUN });
    await invoke('judgeAccount', { run: RUN, account: MEMBER });
    const freezing = await startFreezing(aws.url, 'settled.json');
    const settle = await start('closeRun', {
      AWS_ENDPOINT_URL_S3: freezing.url,
      INGRESS_GUARD_MAX_REVOCATIONS_PER_RUN: '0',
    });

    const first = settle({ run: RUN, settle: true });
    await freezing.held;
    const second = await invoke('closeRun', { run: RUN, settle: true });
    await invoke('actAccount', { run: RUN, account: MEMBER });
    freezing.thaw();
    const late = await first;
    await invoke('closeRun', { run: RUN, settle: false });

    expect(await rules()).toEqual([]);
    expect(late.result).toEqual(second.result);
    const { findings } = stored(`runs/${RUN}/report.json`) as AuditReport;
    expect(findings.map(({ outcome }) => outcome)).toEqual(['revoked']);
  });
});

test('an account in which the run still revokes while it is closed stops: the report would not have it', async () => {
  const { aws, start, invoke, stored, openCache } = await startOrganizationFunctions();
  const { rules } = await openCache(MEMBER, '0.0.0.0/0');
  await invoke('listTargets', { run: RUN });
  await invoke('judgeAccount', { run: RUN, account: MEMBER });
  await invoke('closeRun', { run: RUN, settle: true });
  const slow = await startFreezing(aws.url, 'report.json');
  // As the event says it of an execution that someone stopped: its functions go on.
  const close = await start('closeRun', { AWS_ENDPOINT_URL_S3: slow.url });

  const closing = close({ run: RUN, status: 'ABORTED' });
  await slow.held;
  const { error } = await invoke('actAccount', { run: RUN, account: MEMBER });
  slow.thaw();
  await closing;

  expect(error?.message).toContain('is closed');
  expect(await rules()).toHaveLength(1);
  const { findings } = stored(`runs/${RUN}/report.json`) as AuditReport;
  expect(findings.map(({ outcome }) => outcome)).toEqual(['failed']);
});
