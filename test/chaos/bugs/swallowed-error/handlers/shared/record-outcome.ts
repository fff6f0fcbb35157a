import * as right from '../../../../../../handlers/shared/record-outcome.ts';

/** Records that the function failed, and then lets it succeed: Lambda does not try again, and keeps no dead letter. */
export const recordOutcome: typeof right.recordOutcome = (...where) => {
  const { after, onError } = right.recordOutcome(...where);
  return {
    ...(after && { after }),
    onError: async (request) => {
      await onError?.(request);
      return {};
    },
  };
};
