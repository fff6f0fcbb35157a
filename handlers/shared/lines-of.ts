import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';

type Write = (message: string, details: Readonly<Record<string, unknown>>) => void;

/** What writes the lines of one invocation. */
export interface Lines {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
}

/**
 * Writes lines under the id of their own request. The logger is the module's, and has the id of the request that came last: AWS can thaw
 * an invocation next to a later one.
 */
export function linesOf(logger: Logger, { awsRequestId }: Pick<Context, 'awsRequestId'>): Lines {
  const own = { function_request_id: awsRequestId };
  return {
    debug: (message, details) => logger.debug(message, { ...details, ...own }),
    info: (message, details) => logger.info(message, { ...details, ...own }),
    warn: (message, details) => logger.warn(message, { ...details, ...own }),
    error: (message, details) => logger.error(message, { ...details, ...own }),
  };
}
