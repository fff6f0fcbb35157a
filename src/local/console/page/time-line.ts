import { duration } from '../../../page-kit/duration.ts';
import { element } from '../../../page-kit/elements.ts';
import type { Entry, Step } from '../messages.ts';

/**
 * The way from a call to its outcome, drawn to scale: a stop for each step, and between two of them a leg as long as it took. The
 * list below it says the same in words, with the same numbers. The drawing is not for screen readers.
 */
export function timeLine({ steps, outcome }: Entry): HTMLElement[] {
  if (steps.length === 0) return [];
  const drawing = element('div', { class: 'way', 'aria-hidden': 'true' });
  steps.forEach((step, index) => {
    drawing.append(element('span', { class: `stop ${step.kind}` }, String(index + 1)));
    const next = steps[index + 1];
    if (next !== undefined) drawing.append(leg(stateAfter(steps, index, outcome), next.ms - step.ms));
  });
  const words = element(
    'ol',
    { class: 'steps', 'aria-label': 'From the call to the outcome' },
    ...steps.map((step, index) =>
      element(
        'li',
        {},
        element('span', { class: `stop ${step.kind}`, 'aria-hidden': 'true' }, String(index + 1)),
        element('span', {}, step.text, ' ', element('span', { class: 'when' }, duration(step.ms))),
      ),
    ),
  );
  return [drawing, words];
}

function leg(looks: string, share: number): HTMLElement {
  const drawn = element('span', { class: `leg ${looks}` });
  // Set from a script, which the Content-Security-Policy lets pass, unlike a style attribute.
  drawn.style.flexGrow = String(share);
  return drawn;
}

/** Whether what the call opened stood after a step, as the line is coloured. */
function stateAfter(steps: readonly Step[], index: number, outcome: string): string {
  if (steps.slice(0, index + 1).some(({ kind }) => kind === 'revoked')) return 'over';
  if (outcome === 'allowed') return 'welcome';
  return ['waiting', 'ignored', 'pending'].includes(outcome) ? 'unknown' : 'unwelcome';
}
