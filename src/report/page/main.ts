import { type PackedReport, unpackReport } from '../html/packed-report.ts';
import { button, copyButton, element } from './elements.ts';
import { startExplorer } from './explorer.ts';

const data = document.getElementById('data') as HTMLScriptElement;
const report = unpackReport(JSON.parse(data.text) as PackedReport);

/** The report, as it was before it was packed, as a file. */
function download(): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(report, null, 2)}\n`], { type: 'application/json' }));
  const name = `audit-${report.startedAt.slice(0, 19).replaceAll(':', '')}Z.json`;
  element('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

for (const paste of document.querySelectorAll<HTMLElement>('pre[data-copy]')) {
  paste.after(copyButton(paste.getAttribute('data-copy') ?? '', () => paste.textContent ?? ''));
}
const downloadButton = button({}, 'Download the JSON', download);
const root = document.getElementById('explorer');
if (root !== null) startExplorer(root, report, downloadButton);
else document.getElementById('download')?.replaceWith(downloadButton);
// What needs this script shows only now.
document.documentElement.classList.add('scripted');
