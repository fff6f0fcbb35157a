import type { About, PlaceView } from '../messages.ts';

/** The element with this id in console.html. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

/** What the page shows now. */
export interface Shown {
  readonly about: About;
  readonly places: readonly PlaceView[];
  readonly morePlaces: number;
  /** The account that was chosen. */
  readonly account: string;
}

/** The places of the account that was chosen. */
export function placesShown({ places, account }: Shown): readonly PlaceView[] {
  return places.filter((place) => place.account === account);
}

/** Offers choices, and keeps what was chosen if it is still there. */
export function offer(select: HTMLSelectElement, choices: readonly (readonly [value: string, text: string])[]): void {
  const next = JSON.stringify(choices);
  if (select.dataset.choices === next) return;
  select.dataset.choices = next;
  const chosen = select.value;
  select.replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
  if (choices.some(([value]) => value === chosen)) select.value = chosen;
}

/**
 * Draws what is in a container again, and gives the focus back to what had it there before, by its `data-key`.
 *
 * @param draw makes all that is new. An element that is there already loses the focus as soon as something new takes it.
 */
export function keepFocus(container: HTMLElement, draw: () => void): void {
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  const key = focused instanceof HTMLElement ? focused.dataset.key : undefined;
  draw();
  if (key === undefined) return;
  for (const one of container.querySelectorAll<HTMLElement>('[data-key]')) {
    if (one.dataset.key === key) one.focus({ preventScroll: true });
  }
}
