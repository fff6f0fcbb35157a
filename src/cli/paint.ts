import { styleText } from 'node:util';
import type { Io } from './io.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours a text if it goes to a terminal that wants colours (NO_COLOR and the like are heeded). */
export type Paint = (style: Style, text: string) => string;

/** For what goes to standard output, or, where said, to standard error. */
export function painter(io: Io, stream: 'stdout' | 'stderr' = 'stdout'): Paint {
  return (style, text) => (io[stream].isTTY ? styleText(style, text, { stream: io[stream] }) : text);
}
