import { numbered } from './numbered.ts';

// Ranges around which a mistake by one bit, or by one byte, is a mistake about who may reach a cache.

/** What the allowlist allows for `edge-0`: a range of each length next to a boundary between bytes. */
export const EDGE_RANGES: readonly string[] = [
  '12.0.0.0/7',
  '20.0.0.0/8',
  '30.0.0.0/9',
  '40.10.0.0/15',
  '41.11.0.0/16',
  '42.12.0.0/17',
  '43.13.4.0/23',
  '44.14.5.0/24',
  '45.15.6.0/25',
];

/** Inside: the range, its second half, and its last address. Outside: the range that it is half of, the one after it, and the address before it. */
export function neighbours(range: string): readonly string[] {
  const [first, length] = read(range);
  const size = 2 ** (32 - length);
  return [
    range,
    write(first + size / 2, length + 1),
    write(first + size - 1, 32),
    write(Math.floor(first / (2 * size)) * 2 * size, length - 1),
    write(first + size, length),
    write(first - 1, 32),
  ];
}

/** Whether a range is inside another one: both ends are. */
export function isWithin(range: string, other: string): boolean {
  const [first, length] = read(range);
  const [otherFirst, otherLength] = read(other);
  return first >= otherFirst && first + 2 ** (32 - length) <= otherFirst + 2 ** (32 - otherLength);
}

function read(range: string): [first: number, length: number] {
  const [address = '', length] = range.split('/');
  return [address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0), Number(length)];
}

function write(first: number, length: number): string {
  return `${numbered(4, (byte) => Math.floor(first / 256 ** (3 - byte)) % 256).join('.')}/${length}`;
}
