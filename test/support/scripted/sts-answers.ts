import type { Answer } from './scripted-endpoint.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** What STS answers to AssumeRole: credentials that are good until then, of a role of this account if one is given. */
export function assumedRole(accessKeyId: string, expiration: Date, account?: string): Answer {
  const arn = `<Arn>arn:aws:sts::${account}:assumed-role/ingress-guard-read/ingress-guard-run-1</Arn>`;
  const user =
    account === undefined ? '' : `<AssumedRoleUser><AssumedRoleId>AROA1:run-1</AssumedRoleId>${arn}</AssumedRoleUser>`;
  return {
    status: 200,
    xml: `<AssumeRoleResponse xmlns="${NAMESPACE}"><AssumeRoleResult>${user}<Credentials>
  <AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
  <Expiration>${expiration.toISOString()}</Expiration></Credentials></AssumeRoleResult>
  <ResponseMetadata><RequestId>1f3a9c4e-0000-4000-8000-000000000001</RequestId></ResponseMetadata></AssumeRoleResponse>`,
  };
}

/** An error of STS. */
export function stsError(status: number, code: string, message = 'A message.'): Answer {
  return {
    status,
    xml: `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>
  <RequestId>1f3a9c4e-0000-4000-8000-000000000002</RequestId></ErrorResponse>`,
  };
}
