import type { Operation } from '../../operation.ts';
import { type Finding, wrongIn } from '../finding.ts';
import { invalidInput, readMember, readSecurityHub } from '../read-hub.ts';

/** Documented. */
const MOST_FINDINGS = 100;

/** Of findings of the account's own product alone. What is wrong with one finding keeps the others from nothing. */
export const batchImportFindings: Operation = {
  parameters: ['Findings'],
  readOnly: false,
  resourceOf: (_parameters, { securityHub }) => securityHub.productArn,
  run(parameters, region) {
    const hub = readSecurityHub(region);
    const findings = readMember(parameters, 'Findings');
    if (!Array.isArray(findings) || findings.length === 0) {
      throw invalidInput("Invalid parameter 'Findings'. data.Findings should NOT have fewer than 1 items");
    }
    if (findings.length > MOST_FINDINGS) {
      throw invalidInput(
        `Invalid parameter 'Findings'. data.Findings should NOT have more than ${MOST_FINDINGS} items`,
      );
    }
    const FailedFindings = findings.flatMap((finding: Finding) => {
      const wrong = wrongIn(finding ?? {}, { accountId: region.accountId, productArn: hub.productArn });
      if (wrong.length === 0) {
        hub.put(finding);
        return [];
      }
      const ErrorMessage = `Finding does not adhere to Amazon Finding Format. ${wrong.join(', ')}.`;
      return [{ Id: String(finding?.Id ?? 'unknown'), ErrorCode: 'InvalidInput', ErrorMessage }];
    });
    const FailedCount = FailedFindings.length;
    return { FailedCount, SuccessCount: findings.length - FailedCount, FailedFindings };
  },
};
