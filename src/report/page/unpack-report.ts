import type { AuditReport } from '../audit-report.ts';

/**
 * The report in the page: JSON, packed by gzip, in base64.
 *
 * @throws if the browser has no DecompressionStream, or if the text is damaged: gzip has a checksum and a length.
 */
export async function unpackReport(base64: string): Promise<AuditReport> {
  const binary = atob(base64);
  const packed = new Uint8Array(binary.length);
  for (let i = 0; i < packed.length; i++) packed[i] = binary.charCodeAt(i);
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const decoder = new TextDecoder();
  let json = '';
  // Response.json() takes three times as long: it passes each small piece from task to task.
  for (let piece = await unpacked.read(); !piece.done; piece = await unpacked.read()) {
    json += decoder.decode(piece.value, { stream: true });
  }
  return JSON.parse(json);
}
