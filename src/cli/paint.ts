import { styleText } from 'node:util';
import type { Io } from './io.ts';

type Style = Parameters<typeof styleText>[0];

/** Colours a text if it goes to a terminal that wants colours. */
export type Paint = (style: Style, text: string) => string;

/** For what goes to standard output, or, where said, to standard error. */
export function painter(io: Io, stream: 'stdout' | 'stderr' = 'stdout'): Paint {
  const colours = wantsColours(io, stream);
  return (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text);
}

/**
 * Whether to write in colours there: on a terminal, except one that has none (`TERM=dumb`), and unless `NO_COLOR` is set to anything
 * (https://no-color.org).
 */
export function wantsColours(io: Io, name: 'stdout' | 'stderr'): boolean {
  const stream = io[name] as Io['stdout'] & Partial<Pick<NodeJS.WriteStream, 'hasColors'>>;
  if (!isLively(io, name) || io.environment.NO_COLOR) return false;
  return stream.hasColors?.(io.environment) ?? true;
}

/** Whether it is a terminal that can do more than write one line after the other. */
export function isLively(io: Io, stream: 'stdout' | 'stderr'): boolean {
  return io[stream].isTTY === true && io.environment.TERM !== 'dumb';
}
