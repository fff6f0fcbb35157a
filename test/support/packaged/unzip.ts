import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

/** The files in a zip archive, by name. Knows what Lambda's packages use: stored and deflated members, no zip64. */
export async function readZip(path: string): Promise<Map<string, Buffer>> {
  const zip = await readFile(path);
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0) throw new Error(`${path} is no zip archive`);
  const files = new Map<string, Buffer>();
  let entry = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const method = zip.readUInt16LE(entry + 10);
    const size = zip.readUInt32LE(entry + 20);
    const nameLength = zip.readUInt16LE(entry + 28);
    const name = zip.toString('utf8', entry + 46, entry + 46 + nameLength);
    const member = zip.readUInt32LE(entry + 42);
    const start = member + 30 + zip.readUInt16LE(member + 26) + zip.readUInt16LE(member + 28);
    const data = zip.subarray(start, start + size);
    if (method !== 0 && method !== 8) throw new Error(`${name} is compressed in a way that is not known here`);
    files.set(name, method === 0 ? data : inflateRawSync(data));
    entry += 46 + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32);
  }
  return files;
}

/** Writes the files in a zip archive into a folder, as Lambda does before it runs a function. */
export async function unzip(path: string, folder: string): Promise<void> {
  for (const [name, contents] of await readZip(path)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, contents);
  }
}
