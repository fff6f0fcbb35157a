import { button, type Child } from '../../../page-kit/elements.ts';
import type { Decided, Entry } from '../messages.ts';
import { canUndo, undoPanel } from './undo.ts';

/** The panels that a person opened, each below the button that closes it. They stay open when their entry is drawn again. */
export function undoPanels() {
  const panels = new Map<string, HTMLElement>();

  function toggle(self: HTMLButtonElement, key: string, makePanel: () => HTMLElement): void {
    const open = panels.get(key);
    self.setAttribute('aria-expanded', String(open === undefined));
    if (open !== undefined) {
      open.remove();
      panels.delete(key);
      return;
    }
    const panel = makePanel();
    panels.set(key, panel);
    self.after(panel);
  }

  return {
    /** The button of a decision of an entry, and its panel if that is open. */
    draw({ id, startedAt }: Entry, decided: Decided, index: number, allowlist: string): Child[] {
      // With the time, because ids begin again with each local AWS: the next one can be on the same port.
      const key = `${id}:${startedAt}:${index}`;
      const isOpen = panels.has(key);
      const makePanel = () => undoPanel(decided, { entryId: id, index, key }, allowlist);
      return [
        canUndo(decided) &&
          button({ class: 'small', 'data-key': key, 'aria-expanded': String(isOpen) }, 'Undo', (self) =>
            toggle(self, key, makePanel),
          ),
        panels.get(key),
      ];
    },
    /** Forgets those that are no longer on the page. */
    forgetGone(): void {
      for (const [key, panel] of panels) if (!panel.isConnected) panels.delete(key);
    },
  };
}
