import type { Context } from 'aws-lambda';
import * as right from '../../../../../../handlers/shared/report-grants.ts';

export * from '../../../../../../handlers/shared/report-grants.ts';

const unwritten = new WeakMap<Context, (() => unknown)[]>();

/** Keeps what is to be reported until the invocation ends. */
export const grantReporter: typeof right.grantReporter = (logger, metrics, context) => {
  const reporter = right.grantReporter(logger, metrics, context);
  const kept: (() => unknown)[] = [];
  unwritten.set(context, kept);
  return {
    ...reporter,
    async reportGrant(...one) {
      kept.push(() => reporter.reportGrant(...one));
    },
  };
};

/** Asked for at the end. */
export const outcomesReportedBy: typeof right.outcomesReportedBy = (context) => {
  for (const write of unwritten.get(context) ?? []) void write();
  return right.outcomesReportedBy(context);
};
