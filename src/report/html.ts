import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { AuditReport } from './audit-report.ts';
import { groupByCause, splitOffOpen } from './causes.ts';
import { html, type Markup, raw } from './html/markup.ts';
import { matrixSection, notEvaluatedSection, notWatchedSection } from './html/organization-section.ts';
import { SCRIPT, SCRIPT_SHA256, STYLE, STYLE_SHA256 } from './html/page-assets.ts';
import { historyPicture, reachPicture } from './html/pictures.ts';
import { notJudgedSection, openSection, problemsSection, rulesSection } from './html/problem-sections.ts';
import { sinceSection } from './html/since-section.ts';
import { provenanceSection, verdictSection } from './html/verdict-section.ts';
import { toJson } from './json.ts';
import { sinceLatest } from './since.ts';
import { verdictOf } from './verdict.ts';
import { count, instant } from './wording.ts';

/**
 * The report as one HTML file that needs nothing else: no network, no other file. Its styles and its script are named by
 * their hashes in the content security policy, so nothing that came from a name could ever run. The whole report lies in
 * it as data; the script shows a page of its findings at a time.
 */
export async function toHtml(
  report: AuditReport,
  { previous }: { readonly previous: readonly AuditReport[] },
): Promise<string> {
  const verdict = verdictOf(report);
  const since = sinceLatest(report, previous);
  const [open, others] = splitOffOpen(groupByCause(report.findings));
  const body = html`
<main>
<p class="brand">Ingress Guard <span>audit of ${instant(report.startedAt)}</span></p>
${verdictSection(report, verdict, since)}
${openSection(report, open)}
${notEvaluatedSection(report)}
${notJudgedSection(verdict, report)}
${notWatchedSection(report)}
${provenanceSection(report)}
${matrixSection(report)}
${reachPicture(report)}
${problemsSection(report, others)}
${since !== undefined && sinceSection(report, since)}
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
<script type="application/gzip" id="data">${raw(await pack(report))}</script>
<script>${raw(SCRIPT)}</script>
</body>
</html>
`.text;
}

/**
 * The JSON document, packed by gzip, in base64: characters that mean nothing in HTML. It goes through in pieces, because
 * 100,000 findings are up to 70 MB of JSON. It runs off this thread, so that a deadline can still fire.
 */
async function pack(report: AuditReport): Promise<string> {
  return await pipeline(toJson(report), createGzip(), async (packed) => (await buffer(packed)).toString('base64'));
}

/** All findings. The script makes the table; the disallowed grants are above it without the script too. */
function explorer({ findings }: AuditReport): Markup {
  if (findings.length === 0)
    return html`<section id="findings-section">${unlessScripted('the download of the JSON document')}<p class="needs-script"><button type="button" id="download">Download the JSON</button></p></section>`;
  return html`
<section id="findings-section" class="explorer" aria-labelledby="findings">
<h2 id="findings">All findings</h2>
${unlessScripted(`the table of ${count(findings.length, 'finding')}`)}
<div class="needs-script" id="explorer"></div>
<p class="paper">All ${count(findings.length, 'finding')} are in this file when it is opened in a browser, and in the JSON document of this audit.</p>
</section>`;
}

/** A noscript element would be silent where the script runs but fails, and in a file that was cut off before the script. */
function unlessScripted(what: string): Markup {
  return html`<p class="unless-scripted">A script puts ${what} here. It needs JavaScript, and a browser released since mid-2023. If nothing appears, use the JSON or CSV of this audit.</p>`;
}
