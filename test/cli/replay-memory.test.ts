import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { ALLOWLIST, LAYOUTS, writeEvents } from '../../bench/recorded-events.ts';
import { replayAndMeasure } from '../support/commands/replay-and-measure.ts';
import { folderWith } from '../support/tools/folder.ts';

const MEGABYTE = 1024 * 1024;

const installed = inject('installed');

// bench/replay.ts does so with 1 GB.
test.each(Object.entries(LAYOUTS))(
  'replay takes no more memory for a large file than for a small one: %s',
  async (_, layout) => {
    const { folder, allowlist } = await folderWith({ allowlist: ALLOWLIST });
    const replay = async (bytes: number) => {
      const file = join(folder, `${bytes}.json`);
      const count = await writeEvents(file, layout, bytes);
      const replayed = await replayAndMeasure(installed.command, file, allowlist);
      expect(replayed).toMatchObject({ exitCode: 2, results: count });
      return replayed.peak;
    };

    const [small, large] = [await replay(2 * MEGABYTE), await replay(32 * MEGABYTE)];

    // In megabytes, and less than the large file itself.
    expect(large - small).toBeLessThan(28);
  },
);
