import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/** One form of a report, as it is to lie in the bucket. */
export interface StoredForm {
  readonly extension: string;
  readonly contentType: string;
  readonly body: string;
}

const client = new S3Client({});

/**
 * Stores a report in S3, a form an object: `audits/2026/11/23/ACCOUNT/REGION/2026-11-23T08-00-00-000Z.json`.
 *
 * @returns the keys, in the order of the forms.
 * @throws what S3 answers, after the SDK's retries.
 */
export async function storeReport(
  bucket: string,
  { startedAt, account, region }: { readonly startedAt: string; readonly account: string; readonly region: string },
  forms: readonly StoredForm[],
): Promise<string[]> {
  const folder = `audits/${startedAt.slice(0, 10).replaceAll('-', '/')}/${account}/${region}`;
  const name = startedAt.replaceAll(/[:.]/g, '-');
  return await Promise.all(
    forms.map(async ({ extension, contentType, body }) => {
      const Key = `${folder}/${name}.${extension}`;
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: body, ContentType: contentType }));
      return Key;
    }),
  );
}
