import { readFile } from 'node:fs/promises';
import { intersects, minVersion, subset } from 'semver';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const { engines } = JSON.parse(await readFile('package.json', 'utf8'));
const OLDEST = minVersion(engines.node)?.version.replace(/\.0$/, '');

describe('the Node that package.json asks for', () => {
  test('is accepted by every package that npm installs', async () => {
    const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));

    // npm leaves out an optional package that does not fit.
    const refusing = Object.keys(packages).filter((path) => {
      const { optional, engines: others } = packages[path];
      return optional !== true && others?.node !== undefined && !subset(engines.node, others.node);
    });

    expect(refusing).toEqual([]);
  });

  test.each(['README.md', 'CONTRIBUTING.md'])('is the one that %s asks for', async (file) => {
    expect(await readFile(file, 'utf8')).toContain(`Node ${OLDEST} or newer`);
  });

  test('is what CI runs on, from the oldest on', async () => {
    const { jobs } = parse(await readFile('.github/workflows/ci.yml', 'utf8'));
    const versions: readonly string[] = jobs.ci.strategy.matrix.node;

    expect(versions[0]).toBe(OLDEST);
    expect(versions.filter((version) => !intersects(version, engines.node))).toEqual([]);
  });
});
