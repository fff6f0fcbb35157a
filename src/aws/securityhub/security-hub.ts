import {
  type AwsSecurityFinding,
  BatchImportFindingsCommand,
  paginateGetFindings,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { printable } from '../../policy/quote.ts';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';
import { pagesToTheEnd } from '../pages.ts';

/** A finding that Security Hub did not take, in its own words. */
export interface RefusedFinding {
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

/** Security Hub of one account in one region. */
export interface SecurityHubAtPlace<Finding> {
  /**
   * The active findings of a product that a generator made, with GetFindings, every page.
   *
   * @throws {SecurityHubNotEnabledError} if the account has not enabled Security Hub in the region; else what the API answers, after the
   * SDK's retries.
   */
  listActive(productArn: string, generatorId: string): Promise<Finding[]>;
  /**
   * Makes or updates findings with one BatchImportFindings. Returns those that were not taken.
   *
   * @param findings at most 100, each of at most 240 KB.
   * @throws as `listActive`; and if the answer does not count every finding as taken or refused.
   */
  importFindings(findings: readonly Finding[]): Promise<RefusedFinding[]>;
  close(): void;
}

/** The account has not enabled Security Hub in the region. */
export class SecurityHubNotEnabledError extends Error {
  override name = 'SecurityHubNotEnabledError';
}

/** A request with 100 findings takes longer than most. */
const REQUEST_TIMEOUT_MS = 20_000;
const LONGEST_MESSAGE = 300;

/** Reaches Security Hub with these credentials: those of the account whose findings are listed and imported. */
export function securityHubAt<Finding extends AwsSecurityFindingLike>(
  config: ClientConfig,
  abortSignal?: AbortSignal,
): SecurityHubAtPlace<Finding> {
  const requestHandler = {
    ...RETRYING.requestHandler,
    requestTimeout: REQUEST_TIMEOUT_MS,
    socketTimeout: REQUEST_TIMEOUT_MS,
  };
  const client = prepareClient(new SecurityHubClient({ ...RETRYING, requestHandler, ...config }), {
    BatchImportFindings: 'SuccessCount',
    GetFindings: 'Findings',
  });
  const options = { ...(abortSignal && { abortSignal }) };
  return {
    async listActive(productArn, generatorId) {
      const Filters = {
        ProductArn: [isExactly(productArn)],
        GeneratorId: [isExactly(generatorId)],
        RecordState: [isExactly('ACTIVE')],
      };
      const findings: Finding[] = [];
      try {
        const pages = paginateGetFindings({ client, pageSize: 100 }, { Filters }, options);
        for await (const page of pagesToTheEnd(pages, 'Findings', 'NextToken')) {
          findings.push(...(page as unknown as Finding[]));
        }
      } catch (error) {
        throw explain(error);
      }
      return findings;
    },
    async importFindings(findings) {
      try {
        const command = new BatchImportFindingsCommand({ Findings: findings as unknown as AwsSecurityFinding[] });
        const { FailedFindings = [], FailedCount = 0, SuccessCount = 0 } = await client.send(command, options);
        const refused = FailedFindings.map(({ Id, ErrorCode, ErrorMessage }) => ({
          id: printable(Id ?? '', 512),
          code: printable(ErrorCode ?? 'unknown', 64),
          message: printable(ErrorMessage ?? '', LONGEST_MESSAGE),
        }));
        if (refused.length < FailedCount) {
          throw new Error(`Security Hub refused ${FailedCount} findings and named ${refused.length} of them`);
        }
        const counted = SuccessCount + FailedCount;
        if (counted < findings.length) {
          throw new Error(
            `Security Hub counts ${counted} of ${findings.length} findings, and does not say whether it took the others`,
          );
        }
        return refused;
      } catch (error) {
        throw explain(error);
      }
    },
    close: () => client.destroy(),
  };
}

/** What is known here of a finding in the AWS Security Finding Format. */
interface AwsSecurityFindingLike {
  readonly Id: string;
}

function isExactly(Value: string) {
  return { Value, Comparison: 'EQUALS' } as const;
}

/**
 * Where Security Hub is not enabled it answers InvalidAccessException: "Account … is not subscribed to AWS Security Hub" (seen in public
 * reports, and as HashiCorp's provider for AWS knows it). By its documentation the same error says that the account may not make the call.
 */
function explain(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'InvalidAccessException') return error;
  if (!/not subscribed/i.test(error.message)) return error;
  return new SecurityHubNotEnabledError(printable(error.message, LONGEST_MESSAGE), { cause: error });
}
