import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { parseAuditReport } from '../../src/report/report-schema.ts';
import { runNode } from '../support/commands/run-process.ts';
import { REGION, STRANGER } from '../support/examples/grants.ts';
import { ALLOWLIST } from '../support/functions/enforce-ingress-function.ts';
import { REGION_THAT_IS_DOWN, startAuditedElastiCache } from '../support/scripted/audited-elasticache.ts';
import { folderWith } from '../support/tools/folder.ts';

const installed = inject('installed');

test('the installed command audits, revokes, reports in every form, and ends by itself with a truthful exit code', async () => {
  const elastiCache = await startAuditedElastiCache();
  const { folder, allowlist } = await folderWith({ allowlist: ALLOWLIST });
  const environment = {
    AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url,
    AWS_ENDPOINT_URL_STS: elastiCache.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    INGRESS_GUARD_ALLOWLIST: allowlist,
  };
  const audit = (...options: string[]) => runNode([installed.command, 'audit', ...options], environment);
  const report = join(folder, 'report.json');

  const enforced = await audit('--mode', 'enforce', '--format', 'json', '--out', report);
  const incomplete = await audit('--region', REGION, REGION_THAT_IS_DOWN);
  const forms = await Promise.all(
    ['text', 'csv', 'ocsf', 'html'].map((format) => audit('--from-report', report, '--format', format)),
  );

  expect(enforced.output).toMatch(/^revoked: .*\nwritten to .*report\.json\. /);
  expect(enforced.exitCode).toBe(2);
  expect(await elastiCache.standing()).toContain(`web of ${STRANGER}: revoking`);
  const { report: written } = parseAuditReport(JSON.parse(await readFile(report, 'utf8')));
  expect(written?.counts.outcomes).toEqual({ allowed: 1, revoked: 1 });
  expect(incomplete.exitCode).toBe(1);
  expect(incomplete.output).toContain(REGION_THAT_IS_DOWN);
  for (const { exitCode, output } of forms) {
    expect(exitCode).toBe(2);
    expect(output).toContain(STRANGER);
  }
});
