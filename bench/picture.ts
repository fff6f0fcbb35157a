import type { Bar } from './figures.ts';

const WIDTH = 820;
const NAMES = 300;
const ROW = 30;
const PARTS = ['importing the handler', 'its first event'] as const;

/** A picture of times and of what they are made of, as SVG, for light and dark pages. */
export function toSvg(bars: readonly Bar[]): string {
  const totals = bars.map(({ milliseconds }) => milliseconds.reduce((sum, part) => sum + part, 0));
  const scale = (WIDTH - NAMES - 80) / Math.max(...totals);
  const rows = bars.map(({ name, milliseconds }, row) => {
    const y = 44 + row * ROW;
    let x = NAMES;
    const parts = milliseconds.map((part, i) => {
      const bar = `<rect class="part${i}" x="${x.toFixed(1)}" y="${y}" width="${(part * scale).toFixed(1)}" height="20"/>`;
      x += part * scale;
      return bar;
    });
    const total = `<text x="${(x + 8).toFixed(1)}" y="${y + 15}">${(totals[row] ?? 0).toFixed(1)} ms</text>`;
    return `<text x="${NAMES - 10}" y="${y + 15}" text-anchor="end">${name}</text>${parts.join('')}${total}`;
  });
  const legend = PARTS.map(
    (part, i) => `<rect class="part${i}" x="${NAMES + i * 180}" y="14" width="14" height="14"/>
  <text x="${NAMES + i * 180 + 20}" y="26">${part}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${60 + bars.length * ROW}" role="img" \
aria-label="Cold starts: ${bars.map(({ name }, i) => `${name} ${(totals[i] ?? 0).toFixed(1)} ms`).join(', ')}">
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .part0 { fill: #5b7fb5 }
  .part1 { fill: #c98b2b }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .part0 { fill: #7ea3da } .part1 { fill: #e0a64a } }
</style>
${[...legend, ...rows].join('\n')}
</svg>
`;
}
