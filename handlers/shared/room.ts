/**
 * Resolves when standard output has room for another line. What a function prints faster than it is read stays in its memory: 250,000 lines
 * need more than it has.
 */
export async function roomForALine(): Promise<void> {
  if (process.stdout.writableNeedDrain) await new Promise((resolve) => process.stdout.once('drain', resolve));
}
