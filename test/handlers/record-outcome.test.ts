import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { expect, test } from 'vitest';
import type { EventOutcome } from '../../src/enforcement/event-outcome.ts';
import { OUTCOME_SCHEMA_VERSION } from '../../src/policy/outcome.ts';
import { vpcGrant } from '../support/examples/vpc-audit-reports.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { lambdaContext } from '../support/functions/lambda-context.ts';

test('an event that waits has a line of its own if all its grants so far are allowed', async () => {
  // Powertools writes its name there when it is loaded.
  stubEnvironment({ AWS_SDK_UA_APP_ID: 'guard' });
  const { recordOutcome } = await import('../../handlers/shared/record-outcome.ts');
  const { grantReporter } = await import('../../handlers/shared/report-grants.ts');
  const lines: [string, string][] = [];
  const write = (level: string) => (_: string, line: EventOutcome) => lines.push([level, line.outcome]);
  const logger = { info: write('info'), warn: write('warn'), error: write('error'), debug: write('debug') };
  const metrics = { addDimension() {}, addMetric() {}, publishStoredMetrics() {} };
  const how = { heartbeatMetric: 'Heartbeat', reportsIgnored: false };
  const context = lambdaContext();
  const { after } = recordOutcome(logger as unknown as Logger, metrics as unknown as Metrics, how);
  const reporter = grantReporter(logger as unknown as Logger, metrics as unknown as Metrics, context);
  const response: EventOutcome = {
    schemaVersion: OUTCOME_SCHEMA_VERSION,
    outcome: 'pending',
    awaits: 'cache `carts` is being created and has no port yet',
    grants: [
      {
        outcome: 'allowed',
        grant: vpcGrant({ kind: 'cidr', cidr: '10.0.0.0/16' }),
        decision: { effect: 'allow', rule: 'office' },
      },
    ],
    eventId: 'e',
    eventTime: undefined,
    grantedBy: {},
  };

  for (const grant of response.grants ?? []) reporter.reportGrant({ ...response, ...grant });
  after?.({ response, context } as Parameters<NonNullable<typeof after>>[0]);

  expect(lines).toEqual([
    ['info', 'allowed'],
    ['warn', 'pending'],
  ]);
});
