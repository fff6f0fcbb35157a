// Makes the pictures of both pages for the docs, in light and dark: `npm run screenshots`, or into another folder with
// `npm run screenshots -- FOLDER`. The report has fixed data. The console shows what
// a local AWS did, with times that are always the same, so that a second run gives the same pictures on the same machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateReplicationGroupCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import type { Browser, Page } from 'playwright-core';
import type { Entry, State, Step } from '../src/local/console/messages.ts';
import { readPageFiles } from '../src/local/console/page-files.ts';
import { toHtml } from '../src/report/html.ts';
import { vpcEnforcedReport } from '../test/support/examples/vpc-audit-reports.ts';
import { startBrowser } from '../test/support/wire/browser.ts';

const CHECKOUT = fileURLToPath(new URL('../', import.meta.url));
const [IMAGES = join(CHECKOUT, 'docs/images')] = process.argv.slice(2);
const LOOK = {
  viewport: { width: 1280, height: 800 },
  reducedMotion: 'reduce',
  locale: 'en-US',
  timezoneId: 'UTC',
} as const;

/** When the first decision begins, and how long after it the next. */
const BEGIN = Date.UTC(2026, 10, 2, 9, 30, 0);
const APART_MS = 40_000;
/** When each step is, in milliseconds after the call. As a warm function on a laptop has it. */
const STEPS: Readonly<Record<Step['kind'], number>> = {
  call: 0,
  record: 0,
  event: 2,
  start: 3,
  revoked: 48,
  answer: 53,
  failed: 53,
  'dead-letter': 53,
};

/** What a local AWS shows after a port was opened to a range that is allowed, and to everyone. */
async function recordState(): Promise<State> {
  const options = ['--port', '0', '--creating-ms', '0', '--transition-ms', '0', '--mode', 'enforce'];
  const local = spawn(process.execPath, ['src/cli/main.ts', 'local', ...options, '--allowlist', 'allowlist.yaml'], {
    cwd: CHECKOUT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(local, 'exit');
  const lines = createInterface(local.stderr);
  const hasDecided = new Promise<void>((resolve) => {
    lines.on('line', (line) => /outcome .*enforceSecurityGroup/.test(line) && resolve());
  });
  try {
    const [ready] = (await once(createInterface(local.stdout), 'line')) as [string];
    const url = ready.replace('ready ', '');
    const as = { endpoint: url, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    const [ec2, elastiCache] = [new EC2Client(as), new ElastiCacheClient(as)];
    const named = { GroupName: 'caches', Description: 'Caches of the shop' };
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand(named));
    await elastiCache.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: 'sessions',
        ReplicationGroupDescription: 'Sessions of the shop',
        NumCacheClusters: 2,
        SecurityGroupIds: [GroupId as string],
      }),
    );
    // The event of the cache is over. Else its handler finds the rules that are made meanwhile.
    await hasDecided;
    const open = async (CidrIp: string, Description: string, decisions: number): Promise<State> => {
      const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, IpRanges: [{ CidrIp, Description }] }];
      await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
      return await stateOf(url, ({ entries, places }) => {
        const isOver = entries.length === decisions && entries.every(({ steps }) => steps.at(-1)?.kind === 'answer');
        // What was revoked is gone, and what stands is evaluated.
        const rules = places.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));
        return isOver && rules.length === 1 && rules[0]?.standing?.as === 'allowed';
      });
    };
    await open('10.0.0.0/16', 'The VPC of the shop', 1);
    return await open('0.0.0.0/0', 'For the migration', 2);
  } finally {
    local.kill('SIGINT');
    await ended;
  }
}

/** What the page is sent, once it is as wanted. */
async function stateOf(url: string, isWanted: (state: State) => boolean): Promise<State> {
  const { body } = await fetch(`${url}/console/events`);
  let received = '';
  let state: State | undefined;
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    received += chunk;
    const messages = received.split('\n\n');
    received = messages.pop() as string;
    for (const message of messages) {
      const sent = JSON.parse(message.slice(message.indexOf('data: ') + 'data: '.length)) as State;
      const kept: readonly Entry[] = state?.entries ?? [];
      const others = kept.filter(({ id }) => !sent.entries.some((entry) => entry.id === id));
      state = { ...state, ...sent, entries: [...others, ...sent.entries].sort((a, b) => a.id - b.id) };
      if (isWanted(state)) return state;
    }
  }
  throw new Error('the local AWS ended before it had decided');
}

function atFixedTimes(state: State): State {
  const entries = state.entries.map(({ stoodMs, ...entry }, index) => ({
    ...entry,
    startedAt: BEGIN + index * APART_MS,
    steps: entry.steps.map((step) => ({ ...step, ms: STEPS[step.kind] })),
    ...(stoodMs !== undefined && { stoodMs: STEPS.revoked }),
  }));
  return { ...state, entries };
}

/** Serves the console's own files, and this state as its only message. */
async function serveConsole(state: State) {
  const files = readPageFiles();
  const server = createServer(({ url = '/' }, response) => {
    const file = files.get(url);
    if (file !== undefined) response.writeHead(200, { 'content-type': file.contentType }).end(file.contents);
    else if (url === '/console/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`event: state\ndata: ${JSON.stringify(state)}\n\n`);
    } else response.writeHead(404).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function shoot(browser: Browser, name: string, show: (page: Page) => Promise<void>): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ ...LOOK, colorScheme });
    const page = await context.newPage();
    await show(page);
    await writeFile(join(IMAGES, `${name}-${colorScheme}.png`), await page.screenshot());
    await context.close();
  }
}

await mkdir(IMAGES, { recursive: true });
const console = await serveConsole(atFixedTimes(await recordState()));
const report = await toHtml(vpcEnforcedReport(), { previous: [] });
const browser = await startBrowser();
try {
  await shoot(browser, 'console', async (page) => {
    await page.goto(console.url);
    await page.getByText('Live', { exact: true }).waitFor();
  });
  await shoot(browser, 'report', async (page) => {
    await page.setContent(report);
    await page.locator('html.scripted').waitFor();
  });
} finally {
  await browser.close();
  console.close();
}
