import { expect, test } from 'vitest';
import { runCli } from '../support/commands/run-cli.ts';
import { startCommand } from '../support/commands/run-command.ts';
import { REGION } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { eventually } from '../support/time/eventually.ts';

test.each<[string[], string[]]>([
  [[], []],
  // The audits of an organization are not started there.
  [['--organization'], ['audit']],
])(
  'doctor finds nothing wrong with what ingress-guard local runs, once its heartbeats came: %j',
  async (options, known) => {
    const local = startCommand(['local', '--port', '0', '--speed', '600', '--allowlist', 'allowlist.yaml', ...options]);
    await eventually(local.stdout).toMatch(/^ready http:.*\n$/);
    stubEnvironment({
      AWS_ENDPOINT_URL: local.stdout().trim().replace('ready ', ''),
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    const doctor = [
      'doctor',
      '--region',
      REGION,
      '--stage',
      'local',
      '--allowlist',
      'allowlist.yaml',
      '--format',
      'json',
    ];
    const wrong = async () => {
      const { checks } = JSON.parse((await runCli(doctor)).stdout) as { checks: { check: string; verdict: string }[] };
      return checks.filter(({ check, verdict }) => verdict !== 'ok' && !known.includes(check));
    };

    await expect.poll(wrong).toEqual([]);
  },
);
