import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RunStoreError, runStore } from '../../../src/aws/s3/run-store.ts';
import { systemClock } from '../../../src/local/clock.ts';
import { startLocalAws } from '../../../src/local/local-aws.ts';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { stubEnvironment } from '../../support/functions/aws-environment.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';
import { rejectionOf } from '../../support/tools/thrown-by.ts';

/** A bucket that keeps what is put into it, or answers every call with this error. */
async function startBucket(refusal?: { readonly status: number; readonly code: string }) {
  const objects = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const key = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (request.method === 'PUT') objects.set(key, await text(request));
    const [status, code] = refusal ? [refusal.status, refusal.code] : [404, 'NoSuchKey'];
    if (refusal !== undefined || !objects.has(key)) {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<Error><Code>${code}</Code><Message>A message.</Message></Error>`);
      return;
    }
    response.writeHead(200, { ETag: '"1"' });
    response.end(request.method === 'PUT' ? '' : objects.get(key));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  stubEnvironment({ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  return objects;
}

test('what one function of a run stores, another reads', async () => {
  const objects = await startBucket();

  await runStore('runs-bucket', '2026-11-23T12').put('manifest.json', { accounts: ['111122223333'] });
  const read = await runStore('runs-bucket', '2026-11-23T12').get('manifest.json');

  expect(read).toEqual({ accounts: ['111122223333'] });
  expect([...objects.keys()]).toEqual(['/runs-bucket/runs/2026-11-23T12/manifest.json']);
});

test('what is not there is not there', async () => {
  await startBucket();

  expect(await runStore('runs-bucket', '2026-11-23T12').get('111122223333.json')).toBeUndefined();
});

test('what may not be read is an error, and never not there', async () => {
  await startBucket({ status: 403, code: 'AccessDenied' });
  const store = runStore('runs-bucket', '2026-11-23T12');

  const errors = [await rejectionOf(store.get('manifest.json')), await rejectionOf(store.put('a.json', {}))];

  expect(errors.every((error) => error instanceof RunStoreError)).toBe(true);
  expect((errors[0] as Error).message).toBe(
    'runs/2026-11-23T12/manifest.json could not be read from bucket `runs-bucket`: AccessDenied: A message.',
  );
});

describe('a page that something else than S3 answered', () => {
  const PAGE = '<html><body>Sign in</body></html>';
  const read = async () => (await rejectionOf(runStore('runs-bucket', '2026-11-23T12').get('manifest.json'))) as Error;

  test('is an error, and nothing that a function stored', async () => {
    await using endpoint = await startScriptedEndpoint({ status: 200, xml: PAGE });
    stubEnvironment({ AWS_ENDPOINT_URL_S3: endpoint.url });

    const error = await read();

    expect(error).toBeInstanceOf(RunStoreError);
    expect(error.message).toMatch(/manifest\.json could not be read .*\(status 200\) has no ETag\. Check the endpoint/);
  });

  test('is an error also if it has the headers of an object', async () => {
    const objects = await startBucket();
    objects.set('/runs-bucket/runs/2026-11-23T12/manifest.json', PAGE);

    const error = await read();

    expect(error).toBeInstanceOf(RunStoreError);
    expect(error.message).toBe(
      'runs/2026-11-23T12/manifest.json could not be read from bucket `runs-bucket`: ' +
        'what is there is no JSON. Check the endpoint and every proxy on the way to it',
    );
  });
});

describe('an update', () => {
  const startStore = async () => {
    const settings = { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 0, creatingMs: 0, credentials };
    const aws = await startLocalAws(settings, systemClock());
    onTestFinished(() => aws.close());
    const bucket = aws.accounts.buckets.put('runs-bucket', ACCOUNT);
    stubEnvironment({ AWS_ENDPOINT_URL_S3: aws.url });
    return { aws, bucket, store: runStore('runs-bucket', '2026-11-23T12') };
  };
  const add = (word: string) => (before: unknown) => [...((before as string[] | undefined) ?? []), word];

  test('puts what is made of what is there', async () => {
    const { store } = await startStore();

    await store.update('words.json', add('one'));
    await store.update('words.json', add('two'));

    expect(await store.get('words.json')).toEqual(['one', 'two']);
  });

  test('loses nothing of others that are made at the same time', async () => {
    const { store } = await startStore();
    const words = ['a', 'b', 'c', 'd'];

    await Promise.all(words.map((word) => store.update('words.json', add(word))));

    expect(((await store.get('words.json')) as string[]).toSorted()).toEqual(words);
  });

  test('is an error if others never end to put, and leaves theirs', async () => {
    const { aws, bucket, store } = await startStore();
    let others = 0;
    aws.events.on('call', ({ action }) => {
      const other = { body: '["other"]', contentType: 'application/json', etag: `"${++others}"`, lastModified: 0 };
      if (action === 'GetObject') bucket.objects.set('runs/2026-11-23T12/words.json', other);
    });

    const error = await rejectionOf(store.update('words.json', add('mine')));

    expect(error).toBeInstanceOf(RunStoreError);
    expect((error as Error).message).toContain('words.json could not be stored in bucket `runs-bucket`: Precondition');
    expect(await store.get('words.json')).toEqual(['other']);
  });
});
