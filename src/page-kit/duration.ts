/** `840 ms`, `12.4 s`, `3 min 5 s` */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${thousands(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

/** `12,345`, wherever it is written: a locale must not change a page. */
export function thousands(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
