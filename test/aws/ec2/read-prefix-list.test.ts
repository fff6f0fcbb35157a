import { CreateManagedPrefixListCommand, ModifyManagedPrefixListCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ec2Client } from '../../../src/aws/ec2/client.ts';
import { readPrefixList } from '../../../src/aws/ec2/read-prefix-list.ts';
import { REGION } from '../../support/examples/grants.ts';
import { sharePrefixList } from '../../support/local-aws/local-ec2.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { startEndpoint } from '../../support/local-aws/local-endpoint.ts';
import { startWithPrefixLists } from '../../support/local-aws/prefix-lists.ts';
import { ec2Answer, ec2Error } from '../../support/scripted/ec2-answers.ts';
import { type Answer, startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';

const DESCRIBE = 'DescribeManagedPrefixLists';
const GET = 'GetManagedPrefixListEntries';
const ID = 'pl-0123456789abcdef0';

const read = (url: string, id = ID) =>
  readPrefixList(ec2Client({ endpoint: url, credentials, maxAttempts: 1, region: REGION }), id);

const ranges = (number: number) => Array.from({ length: number }, (_, i) => ({ Cidr: `10.${i >> 8}.${i & 255}.0/24` }));

/** Reads the list at an endpoint that describes it with these elements, and answers what is asked of its entries. */
async function readScripted(described: string, entries: Answer = ec2Answer(GET, '<entrySet/>')) {
  const item = `<prefixListSet><item><prefixListId>${ID}</prefixListId>${described}</item></prefixListSet>`;
  await using endpoint = await startScriptedEndpoint((action) =>
    action === DESCRIBE ? ec2Answer(DESCRIBE, item) : entries,
  );
  return await read(endpoint.url);
}
const COMPLETE = '<state>modify-complete</state><version>2</version>';

describe('the entries of a prefix list', () => {
  test('are read from all pages, in their canonical form', async () => {
    const endpoint = await startWithPrefixLists();
    const id = await endpoint.create(ranges(100), { MaxEntries: 1_000 });
    endpoint.settle();
    const AddEntries = [...ranges(149).slice(100), { Cidr: '192.0.2.77/24' }];
    await endpoint.ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId: id, AddEntries }));
    endpoint.settle();

    const { entries } = await readPrefixList(endpoint.ec2, id);

    expect(entries).toEqual([...ranges(149).map(({ Cidr }) => Cidr), '192.0.2.0/24']);
  });

  test('are read of one version, though the list changes between two pages', async () => {
    const endpoint = await startWithPrefixLists();
    const id = await endpoint.create(ranges(100), { MaxEntries: 1_000 });
    endpoint.settle();
    const AddEntries = ranges(150).slice(100);
    await endpoint.ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId: id, AddEntries }));
    endpoint.settle();
    endpoint.ec2.middlewareStack.add((next) => async (args) => {
      const answer = await next(args);
      const { Entries, NextToken } = answer.output as { Entries?: unknown[]; NextToken?: string };
      if (Entries !== undefined && NextToken !== undefined) {
        const RemoveEntries = ranges(100);
        await endpoint.ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId: id, RemoveEntries }));
        endpoint.settle();
      }
      return answer;
    });

    const { entries } = await readPrefixList(endpoint.ec2, id);

    expect(entries).toEqual(ranges(150).map(({ Cidr }) => Cidr));
    expect((await readPrefixList(endpoint.ec2, id)).entries).toEqual(AddEntries.map(({ Cidr }) => Cidr));
  });

  test('are read of a list that another account shares, of one of AWS’s own, and of an empty one', async () => {
    const { url, ec2, region } = await startEndpoint({ transitionMs: 0 });
    sharePrefixList(region, ID);
    const ofAws = region?.prefixLists.list().find(({ ownerId }) => ownerId === 'AWS')?.prefixListId;
    const empty = { PrefixListName: 'offices', AddressFamily: 'IPv6', MaxEntries: 5 };
    const { PrefixList } = await ec2.send(new CreateManagedPrefixListCommand(empty));

    expect(await read(url)).toEqual({ entries: ['198.51.100.0/24'] });
    expect(await read(url, ofAws)).toEqual({ entries: ['52.216.0.0/15', '54.231.0.0/16'] });
    expect(await read(url, PrefixList?.PrefixListId)).toEqual({ entries: [] });
  });

  test('are not read of a list that is being changed: its new entries do not hold yet', async () => {
    const endpoint = await startWithPrefixLists();
    const id = await endpoint.create(ranges(1));
    endpoint.settle();
    const AddEntries = [{ Cidr: '0.0.0.0/0' }];
    await endpoint.ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId: id, CurrentVersion: 1, AddEntries }));

    const changing = await readPrefixList(endpoint.ec2, id);
    endpoint.settle();
    const changed = await readPrefixList(endpoint.ec2, id);

    expect(changing).toEqual({ isChanging: true });
    expect(changed).toEqual({ entries: ['10.0.0.0/24', '0.0.0.0/0'] });
  });
});

describe('a prefix list that cannot be read is an error', () => {
  test.each([[DESCRIBE], [GET]])('if the permission for %s is missing', async (action) => {
    const { url, region } = await startEndpoint({ deniedActions: [action] });
    sharePrefixList(region, ID);

    await expect(read(url)).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });

  test('if there is none of its id', async () => {
    const { url } = await startEndpoint();

    await expect(read(url)).rejects.toMatchObject({ name: 'InvalidPrefixListID.NotFound' });
  });

  const HTML = { status: 200, xml: '<html><body>Proxy</body></html>' };
  test.each<[string, string, Answer]>([
    ['HTML comes for its entries', COMPLETE, HTML],
    ['an answer without entries comes', COMPLETE, ec2Answer(GET, '')],
    ['an entry is no range', COMPLETE, ec2Answer(GET, '<entrySet><item><cidr>office</cidr></item></entrySet>')],
    ['an entry is empty', COMPLETE, ec2Answer(GET, '<entrySet><item><description>a</description></item></entrySet>')],
    ['EC2 fails', COMPLETE, ec2Error(503, 'Unavailable')],
    ['its state is not told', '<version>2</version>', ec2Answer(GET, '<entrySet/>')],
    [
      'the pages do not end',
      COMPLETE,
      ec2Answer(GET, '<entrySet><item><cidr>10.0.0.0/8</cidr></item></entrySet><nextToken>again</nextToken>'),
    ],
  ])('if %s', async (_, described, entries) => {
    await expect(readScripted(described, entries)).rejects.toThrow();
  });

  test('and is none if the same endpoint answers well, with an empty list', async () => {
    expect(await readScripted(COMPLETE)).toEqual({ entries: [] });
  });

  test('if HTML comes for the list itself', async () => {
    await using endpoint = await startScriptedEndpoint(() => HTML);

    await expect(read(endpoint.url)).rejects.toThrow();
  });
});
