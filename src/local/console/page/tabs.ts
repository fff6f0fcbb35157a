import { byId } from './page.ts';

const NAMES = ['caches', 'classic'] as const;

/** Two tabs, as the ARIA Authoring Practices Guide has them: the arrow keys go from one to the other. */
export function startTabs(): void {
  const tabs = NAMES.map((name) => ({ tab: byId(`tab-${name}`, HTMLButtonElement), panel: byId(name, HTMLElement) }));
  const choose = (chosen: number): void => {
    for (const [index, { tab, panel }] of tabs.entries()) {
      const isChosen = index === chosen;
      tab.setAttribute('aria-selected', String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      panel.hidden = !isChosen;
    }
  };
  for (const [index, { tab }] of tabs.entries()) {
    tab.addEventListener('click', () => choose(index));
    tab.addEventListener('keydown', ({ key }) => {
      const next = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: tabs.length - 1 }[key];
      if (next === undefined) return;
      const to = (next + tabs.length) % tabs.length;
      choose(to);
      tabs[to]?.tab.focus();
    });
  }
}
