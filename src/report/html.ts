import type { AuditReport } from './audit-report.ts';
import { groupByCause } from './causes.ts';
import { html, jsonForScript, type Markup, raw } from './html/markup.ts';
import { packReport } from './html/packed-report.ts';
import { SCRIPT, SCRIPT_SHA256, STYLE, STYLE_SHA256 } from './html/page-assets.ts';
import { historyPicture, type RunSummary, reachPicture } from './html/pictures.ts';
import { notJudgedSection, problemsSection, rulesSection } from './html/problem-sections.ts';
import { verdictSection } from './html/verdict-section.ts';
import { verdictOf } from './verdict.ts';
import { count, instant } from './wording.ts';

export type { RunSummary } from './html/pictures.ts';

/**
 * The report as one HTML file that needs nothing else: no network, no other file. Its styles and its script are named by
 * their hashes in the content security policy, so nothing that came from a name could ever run. The findings lie in it
 * as data; the script shows a page of them at a time.
 */
export function toHtml(report: AuditReport, { previous }: { readonly previous: readonly RunSummary[] }): string {
  const verdict = verdictOf(report);
  const causes = groupByCause(report.findings);
  const body = html`
<main>
<p class="brand">Ingress Guard <span>audit of ${instant(report.startedAt)}</span></p>
${verdictSection(report, verdict)}
${notJudgedSection(verdict, report)}
${problemsSection(report, causes)}
${reachPicture(report)}
${historyPicture(report, previous)}
${rulesSection(report)}
${explorer(report)}
</main>`;
  const policy = [
    "default-src 'none'",
    `style-src '${STYLE_SHA256}'`,
    `script-src '${SCRIPT_SHA256}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${verdict.headline} – Ingress Guard, ${report.startedAt.slice(0, 10)}</title>
<link rel="icon" href="data:,">
<style>${raw(STYLE)}</style>
</head>
<body>${body}
<script type="application/json" id="data">${jsonForScript(packReport(report))}</script>
<script>${raw(SCRIPT)}</script>
</body>
</html>
`.text;
}

/** All findings. Without the script there is no table to look through; the disallowed ones are above all the same. */
function explorer({ findings }: AuditReport): Markup {
  if (findings.length === 0)
    return html`<section id="findings-section"><p class="needs-script"><button type="button" id="download">Download the JSON</button></p></section>`;
  return html`
<section id="findings-section" class="explorer" aria-labelledby="findings">
<h2 id="findings">All findings</h2>
<noscript><p>This page shows all ${count(findings.length, 'finding')} when scripts may run. They are in the JSON document of this audit.</p></noscript>
<div class="needs-script" id="explorer"></div>
<p class="paper">All ${count(findings.length, 'finding')} are in this file when it is opened in a browser, and in the JSON document of this audit.</p>
</section>`;
}
