import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LocalAws } from '../local-aws.ts';

/** The page at `/` of the local AWS. */
export interface Console {
  /** Answers what is meant for the page: true if it did. */
  serve(request: IncomingMessage, response: ServerResponse): boolean;
  /** Shows what happens on this local AWS from now on. */
  watch(aws: LocalAws): void;
  close(): void;
}

export function startConsole(): Console {
  return { serve: () => false, watch: () => {}, close: () => {} };
}
