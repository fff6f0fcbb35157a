import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { type Lines, linesOf as right } from '../../../../../../../handlers/shared/lines-of.ts';

/** Writes of nothing that was revoked. */
export function linesOf(logger: Logger, context: Pick<Context, 'awsRequestId'>): Lines {
  const lines = right(logger, context);
  return {
    ...lines,
    info(message, details) {
      if (details.outcome !== 'revoked') lines.info(message, details);
    },
  };
}
