import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { prepareClient } from '../clients.ts';

/** One form of a report, as it is to lie in the bucket. */
export interface StoredForm {
  readonly extension: string;
  readonly contentType: string;
  readonly body: string;
}

/** What S3 answered keeps the report from being stored; the audit itself was done. */
export class ReportNotStoredError extends Error {
  override name = 'ReportNotStoredError';
}

// Where AWS_ENDPOINT_URL_S3 names an address, as in tests, the SDK puts the bucket into the path by itself.
const client = prepareClient(new S3Client({}), { PutObject: 'ETag' });

/**
 * Stores a report in S3, a form an object: `audits/2026/11/23/ACCOUNT/REGION/2026-11-23T08-00-00-000Z.json`.
 *
 * @returns the keys, in the order of the forms.
 * @throws {ReportNotStoredError} with what S3 answers, after the SDK's retries, or once it is aborted.
 */
export async function storeReport(
  bucket: string,
  { startedAt, account, region }: { readonly startedAt: string; readonly account: string; readonly region: string },
  forms: readonly StoredForm[],
  abortSignal: AbortSignal,
): Promise<string[]> {
  const folder = `audits/${startedAt.slice(0, 10).replaceAll('-', '/')}/${account}/${region}`;
  const name = startedAt.replaceAll(/[:.]/g, '-');
  try {
    return await Promise.all(
      forms.map(async ({ extension, contentType, body }) => {
        const Key = `${folder}/${name}.${extension}`;
        const put = new PutObjectCommand({ Bucket: bucket, Key, Body: body, ContentType: contentType });
        await client.send(put, { abortSignal });
        return Key;
      }),
    );
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new ReportNotStoredError(`the report could not be stored in bucket \`${bucket}\`: ${why}`, { cause: error });
  }
}
