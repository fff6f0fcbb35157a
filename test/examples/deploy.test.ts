import { chmod, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runBash } from '../support/commands/run-bash.ts';
import { folderWith } from '../support/tools/folder.ts';

/** Runs the example in a folder with an artifact. `aws` is a stand-in that says how it was called, and fails where it is told to. */
async function deploy(args: string, failing = 'nothing') {
  const { folder, ...files } = await folderWith({
    'bin/aws': `#!/bin/sh\necho "aws $*"\n[ "$2" != "${failing}" ]\n`,
    'artifact/template.json': '{}',
    'artifact/auditGrants-0123456789abcdef.zip': 'zip',
    'allowlist.yaml': 'version: 1\nrules: []\n',
  });
  await chmod(files['bin/aws'], 0o755);
  const script = `${resolve('examples/deploy/aws-cli.sh')} ${args}`;
  return await runBash(script, folder, { PATH: `${folder}/bin:${process.env.PATH}` });
}

describe('the example with the AWS CLI', () => {
  test('stores the allowlist, copies the zip files, and deploys, in this order', async () => {
    const { exitCode, output } = await deploy(
      'artifact packages allowlist.yaml Mode=enforce AlertEmail=a@example.com Regions=us-east-1,eu-west-1 SecurityHub=true',
    );

    const [stored = '', copied = '', deployed = ''] = output.split('\n');
    expect(stored).toContain('aws ssm put-parameter --name /ingress-guard/allowlist ');
    expect(stored).toContain('--value file://allowlist.yaml');
    const prefix = /^aws s3 cp artifact s3:\/\/packages\/(ingress-guard\/[0-9a-f]{16}\/) --recursive/.exec(copied)?.[1];
    expect(prefix).toBeDefined();
    expect(deployed).toMatch(
      new RegExp(
        `--parameter-overrides PackageBucket=packages PackagePrefix=${prefix} AllowlistParameter=/ingress-guard/allowlist Mode=enforce AlertEmail=a@example\\.com Regions=us-east-1,eu-west-1 SecurityHub=true$`,
      ),
    );
    expect(deployed).toContain('--template-file artifact/template.json --s3-bucket packages');
    expect(exitCode).toBe(0);
  });

  test('stores the allowlist where the functions are told to read it', async () => {
    const { output } = await deploy('artifact packages allowlist.yaml Mode=enforce AllowlistParameter=/team/caches');

    expect(output).toContain('aws ssm put-parameter --name /team/caches ');
    expect(output).toContain(' AllowlistParameter=/team/caches');
    expect(output).not.toContain('/ingress-guard/allowlist');
  });

  test.each(['put-parameter', 'cp'])('deploys nothing where %s failed', async (failing) => {
    const { exitCode, output } = await deploy('artifact packages allowlist.yaml', failing);

    expect(exitCode).not.toBe(0);
    expect(output).not.toContain('cloudformation deploy');
  });

  test('is a program', async () => {
    const { output } = await runBash('git ls-files --stage -- examples/deploy/aws-cli.sh', process.cwd(), {
      PATH: `${process.env.PATH}`,
    });

    expect(output).toMatch(/^100755 /);
  });
});

test('every example deploys the stack of one name, from the SSM parameter that the template expects', async () => {
  const files = ['aws-cli.sh', 'terraform/main.tf', 'cdk/app.ts'].map((name) => `examples/deploy/${name}`);

  for (const file of files) {
    const text = await readFile(file, 'utf8');
    expect(text, file).toContain('elasticache-ingress-guard-prod');
    expect(text, file).toContain('/ingress-guard/allowlist');
  }
});
