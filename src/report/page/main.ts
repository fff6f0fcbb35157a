import { button, copyButton, element } from '../../page-kit/elements.ts';
import type { AuditReport } from '../audit-report.ts';
import { startExplorer } from './explorer.ts';
import { unpackReport } from './unpack-report.ts';

/** The JSON document of the audit as a file, as `--format json` writes it. */
function download(report: AuditReport): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(report)}\n`], { type: 'application/json' }));
  const name = `audit-${report.startedAt.slice(0, 19).replaceAll(':', '')}Z.json`;
  element('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Says at the top why there are no findings, and what to do. A verdict that looked clean no longer does. */
function reportNotUnpacked(): void {
  const why =
    'DecompressionStream' in globalThis
      ? 'The findings in this page are damaged. Do not rely on this page. Use the JSON or CSV of this audit, or run the audit again.'
      : 'This browser cannot unpack the findings in this page. Open it in Chrome or Edge 92, Firefox 113, Safari 16.4 or later, or use the JSON or CSV of this audit.';
  document.querySelector('.top')?.before(element('p', { role: 'alert', class: 'not-unpacked' }, why));
}

async function start(): Promise<void> {
  for (const paste of document.querySelectorAll<HTMLElement>('pre[data-copy]')) {
    paste.after(copyButton(paste.getAttribute('data-copy') ?? '', () => paste.textContent ?? ''));
  }
  const data = document.getElementById('data') as HTMLScriptElement;
  let report: AuditReport;
  try {
    report = await unpackReport(data.text);
  } catch {
    reportNotUnpacked();
    return;
  }
  const downloadButton = button({}, 'Download the JSON', () => download(report));
  const root = document.getElementById('explorer');
  if (root !== null) startExplorer(root, report, downloadButton);
  else document.getElementById('download')?.replaceWith(downloadButton);
  // What needs this script shows only now.
  document.documentElement.classList.add('scripted');
}

void start();
