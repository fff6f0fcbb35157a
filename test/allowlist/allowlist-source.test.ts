import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { readAllowlistFile } from '../../src/allowlist/allowlist-file.ts';
import { allowlistSource } from '../../src/allowlist/allowlist-source.ts';
import { AllowlistError } from '../../src/allowlist/loaded-allowlist.ts';
import { it } from './in-temporary-folder.ts';

const VALID = 'version: 1\nrules: []\n';
const OTHER = 'version: 1\nrules: []\n# another\n';

describe('an allowlist source', () => {
  it('reads a file once and keeps what it read', async ({ folder }) => {
    const path = join(folder, 'allowlist.yaml');
    await writeFile(path, VALID);
    const read = allowlistSource();

    const first = await read(path);
    await rm(path);

    expect(await read(path)).toBe(first);
  });

  it('reads once also for those who ask at the same time', async ({ folder }) => {
    const path = join(folder, 'allowlist.yaml');
    await writeFile(path, VALID);
    const read = allowlistSource();

    const [first, second] = await Promise.all([read(path), read(path)]);

    expect(second).toBe(first);
  });

  it('keeps the allowlists of different places apart', async ({ folder }) => {
    const [one, other] = [join(folder, 'one.yaml'), join(folder, 'other.yaml')];
    await writeFile(one, VALID);
    await writeFile(other, OTHER);
    const read = allowlistSource();

    expect((await read(one)).sha256).not.toBe((await read(other)).sha256);
  });

  it('keeps no failure: when the file is there, or mended, the next who asks gets it', async ({ folder }) => {
    const path = join(folder, 'allowlist.yaml');
    const read = allowlistSource();

    await expect(read(path)).rejects.toThrow('there is no such file');
    await writeFile(path, 'version: 2\nrules: []\n');
    await expect(read(path)).rejects.toBeInstanceOf(AllowlistError);
    await writeFile(path, VALID);

    expect((await read(path)).allowlist).toEqual({ version: 1, rules: [] });
  });

  it('has nothing in common with another source', async ({ folder }) => {
    const path = join(folder, 'allowlist.yaml');
    await writeFile(path, VALID);
    const first = await allowlistSource()(path);
    await writeFile(path, OTHER);

    expect((await allowlistSource()(path)).sha256).not.toBe(first.sha256);
  });

  it('gives the allowlist of the checkout when no place is named', async () => {
    const { sha256 } = await readAllowlistFile('allowlist.yaml');

    expect((await allowlistSource()(undefined)).sha256).toBe(sha256);
  });
});

describe('a file that changes', () => {
  /** A source by a clock of its own, and a file. */
  async function startSource(folder: string) {
    const path = join(folder, 'allowlist.yaml');
    await writeFile(path, VALID);
    let now = Date.parse('2026-11-23T12:00:00Z');
    const source = allowlistSource(() => now);
    const wait = (ms: number) => {
      now += ms;
    };
    return { path, read: () => source(path), wait };
  }

  it('is read again after a second, and not before', async ({ folder }) => {
    const { path, read, wait } = await startSource(folder);
    const first = await read();
    await writeFile(path, OTHER);

    wait(999);
    const before = await read();
    wait(1);
    const after = await read();

    expect(before).toBe(first);
    expect(after.sha256).not.toBe(first.sha256);
  });

  it('is read again a second after it was read last, not after it was read first', async ({ folder }) => {
    const { path, read, wait } = await startSource(folder);
    await read();
    wait(1_000);
    const second = await read();
    await writeFile(path, OTHER);

    wait(999);

    expect(await read()).toBe(second);
  });

  it('is read again if the function was frozen while it read, and thawed later', async ({ folder }) => {
    const { path, read, wait } = await startSource(folder);

    const reading = read();
    wait(3_600_000);
    const first = await reading;
    await writeFile(path, OTHER);

    expect((await read()).sha256).not.toBe(first.sha256);
  });

  it('is read again if someone asks while a look of long ago is under way, and what that finds is not kept', async ({
    folder,
  }) => {
    const { read, wait } = await startSource(folder);

    const frozen = read();
    wait(3_600_000);
    const [before, after] = await Promise.all([frozen, read()]);

    expect(after).not.toBe(before);
    expect(await read()).toBe(after);
  });

  it('is read again if the clock was put back', async ({ folder }) => {
    const { path, read, wait } = await startSource(folder);
    const first = await read();
    await writeFile(path, OTHER);

    wait(-3_600_000);

    expect((await read()).sha256).not.toBe(first.sha256);
  });

  it('leaves the last good one in force while it is broken, with why, and is looked at by everyone who asks', async ({
    folder,
  }) => {
    const { path, read, wait } = await startSource(folder);
    const first = await read();

    await writeFile(path, 'rules: [');
    wait(1_000);
    const broken = await read();
    await rm(path);
    const gone = await read();
    await writeFile(path, OTHER);
    const mended = await read();

    expect(broken).toMatchObject({ sha256: first.sha256, compiled: first.compiled });
    expect(String(broken.staleBecause)).toContain('is not a valid allowlist');
    expect(gone.sha256).toBe(first.sha256);
    expect(String(gone.staleBecause)).toContain('there is no such file');
    expect(mended.staleBecause).toBeUndefined();
    expect(mended.sha256).not.toBe(first.sha256);
  });

  it('does not spoil what was given out before: that has no reason to be stale', async ({ folder }) => {
    const { path, read, wait } = await startSource(folder);
    const first = await read();

    await rm(path);
    wait(1_000);
    await read();

    expect(first.staleBecause).toBeUndefined();
  });

  it('fails all who ask together while there is no good one yet, and keeps none of the failure', async ({ folder }) => {
    const { path, read } = await startSource(folder);
    await rm(path);

    const failures = await Promise.allSettled([read(), read(), read()]);
    await writeFile(path, VALID);

    expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect((await read()).allowlist).toEqual({ version: 1, rules: [] });
  });
});

describe('the packaged allowlist', () => {
  it('is read once for as long as the function lives', async () => {
    let now = 0;
    const read = allowlistSource(() => now);
    const first = await read(undefined);

    now = Date.parse('2126-11-23T12:00:00Z');

    expect(await read(undefined)).toBe(first);
  });
});
