// @ts-check
/** @import { Entry, Step } from './messages.ts' */
import { element, milliseconds } from './elements.js';

/**
 * The way of a grant, drawn to scale: a stop for each step, and between two of them a leg as long as it took. The same
 * in words is the list below it, with the same numbers; the drawing itself is not for screen readers.
 *
 * @param {Entry} entry
 * @returns {[drawing: HTMLElement, words: HTMLElement]}
 */
export function timeLine({ steps, verdict }) {
  const drawing = element('div', { class: 'way', 'aria-hidden': 'true' });
  steps.forEach((step, index) => {
    const next = steps[index + 1];
    const state = stateAfter(steps, index, verdict);
    drawing.append(element('span', { class: `stop ${step.kind}` }, String(index + 1)));
    if (next !== undefined) drawing.append(leg(state, next.ms - step.ms));
    // The grant still stands: the way goes on, and is all there is to draw while no time has passed.
    else if (state !== 'over') drawing.append(leg(`${state} open`, step.ms === 0 ? 1 : 0));
  });
  const words = element(
    'ol',
    { class: 'steps', 'aria-label': 'From the call to what became of it' },
    ...steps.map((step, index) =>
      element(
        'li',
        {},
        element('span', { class: `stop ${step.kind}`, 'aria-hidden': 'true' }, String(index + 1)),
        element(
          'span',
          {},
          element('span', { class: 'when' }, when(step)),
          ' ',
          step.times === 1 ? step.text : `${step.text}, ${step.times} times`,
        ),
      ),
    ),
  );
  return [drawing, words];
}

/**
 * @param {string} looks
 * @param {number} share
 */
function leg(looks, share) {
  const drawn = element('span', { class: `leg ${looks}` });
  // Set from a script, which the Content-Security-Policy lets pass, unlike a style attribute.
  drawn.style.flexGrow = String(share);
  return drawn;
}

/**
 * How the grant stood after a step: as the line is coloured.
 *
 * @param {readonly Step[]} steps
 * @param {number} index
 * @param {string} verdict
 */
function stateAfter(steps, index, verdict) {
  const kinds = steps.slice(0, index + 1).map(({ kind }) => kind);
  if (kinds.includes('gone')) return 'over';
  if (kinds.includes('revoked')) return 'going';
  if (verdict === 'allowed') return 'welcome';
  return verdict === 'pending' || verdict === 'not-judged' ? 'unknown' : 'unwelcome';
}

/** @param {Step} step */
function when({ ms, lastMs, times }) {
  return times === 1 || ms === lastMs ? milliseconds(ms) : `${milliseconds(ms)} to ${milliseconds(lastMs)}`;
}
