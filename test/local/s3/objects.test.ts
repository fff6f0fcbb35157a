import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../support/examples/grants.ts';
import { kept, MEMBER, startOrganization } from '../../support/local-aws/organization.ts';

const Bucket = 'ingress-guard-runs';

async function startWithBucket() {
  const started = await startOrganization();
  started.aws.accounts.buckets.put(Bucket, ACCOUNT);
  const clientOf = (who: string) => kept(new S3Client(started.as(who)));
  return { ...started, clientOf, s3: clientOf(ACCOUNT) };
}

describe('an object', () => {
  test.each(['runs/2026-11-29T01/222222222222.json', 'ein ähnlicher schlüssel/a+b=c&d.txt'])(
    'is what was put: %s',
    async (Key) => {
      const { s3 } = await startWithBucket();
      const Body = JSON.stringify({ name: 'Größe ∑', lines: 'a\nb' });

      const put = await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/json' }));
      const got = await s3.send(new GetObjectCommand({ Bucket, Key }));

      expect([await got.Body?.transformToString(), got.ContentType, got.ETag]).toEqual([
        Body,
        'application/json',
        put.ETag,
      ]);
    },
  );

  test('can be as large as a report of a large organization', async () => {
    const { s3 } = await startWithBucket();
    const Body = 'x'.repeat(3 * 1024 * 1024);

    await s3.send(new PutObjectCommand({ Bucket, Key: 'report.html', Body }));

    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents?.map(({ Key, Size }) => [Key, Size])).toEqual([['report.html', Body.length]]);
  });

  test('that is there is kept if it is put only if it is not', async () => {
    const { s3 } = await startWithBucket();
    const put = (Body: string) =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'manifest.json', Body, IfNoneMatch: '*' }));
    await put('first');

    await expect(put('second')).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });

    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'manifest.json' }));
    expect(await Body?.transformToString()).toBe('first');
  });

  test('that another one put meanwhile is kept if it is put only as it was read', async () => {
    const { s3 } = await startWithBucket();
    const put = (Body: string, IfMatch?: string) =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'acted.json', Body, ...(IfMatch && { IfMatch }) }));
    const { ETag } = await put('first');
    await put('second', ETag);

    await expect(put('third', ETag)).rejects.toMatchObject({ name: 'PreconditionFailed' });

    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'acted.json' }));
    expect(await Body?.transformToString()).toBe('second');
    await expect(
      s3.send(new PutObjectCommand({ Bucket, Key: 'none', Body: 'third', IfMatch: ETag })),
    ).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('is listed with its prefix, page after page', async () => {
    const { s3 } = await startWithBucket();
    for (const Key of ['runs/b', 'runs/a', 'runs/c', 'other']) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    }
    const pages: (string | undefined)[][] = [];

    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: s3, pageSize: 2 },
      { Bucket, Prefix: 'runs/' },
    )) {
      pages.push(Contents.map(({ Key }) => Key));
    }

    expect(pages).toEqual([['runs/a', 'runs/b'], ['runs/c']]);
  });
});

describe('what is refused', () => {
  test.each([
    ['an object that is not there', ACCOUNT, { Bucket, Key: 'none' }, 'NoSuchKey'],
    ['a bucket that is not there', ACCOUNT, { Bucket: 'none', Key: 'none' }, 'NoSuchBucket'],
    ['a bucket of another account', MEMBER, { Bucket, Key: 'none' }, 'AccessDenied'],
  ])('is %s', async (_, who, input, name) => {
    const { clientOf } = await startWithBucket();

    await expect(clientOf(who).send(new GetObjectCommand(input))).rejects.toMatchObject({ name });
  });

  test('is a key that nobody has, in the words of S3', async () => {
    const started = await startWithBucket();
    const s3 = kept(new S3Client(started.as({ accessKeyId: 'guess', secretAccessKey: 'guess' })));

    await expect(s3.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
  });

  test('is nothing that CloudTrail records: these are data events', async () => {
    const { s3, events, calls } = await startWithBucket();

    await s3.send(new ListObjectsV2Command({ Bucket }));

    expect([calls.length, events]).toEqual([1, []]);
  });
});
