import { fstatSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/**
 * A stream to a file descriptor, if that is of a file: else Node's own. Node's own takes a write for done of which a nearly full disk took
 * the beginning alone (lib/internal/fs/sync_write_stream.js).
 */
export function wholeOutput(
  descriptor: number,
  ofNode: () => NodeJS.WriteStream,
): Writable & { readonly isTTY?: boolean } {
  if (!isFile(descriptor)) return ofNode();
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
  }
}
