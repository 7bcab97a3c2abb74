import { Store } from '../session/store.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'errand-theme';
export const theme = new Store<Theme>(THEMES.find((each) => each === localStorage.getItem(KEY)) ?? 'system');

/** Shows the chosen theme, now and after each change. */
export function applyTheme(): void {
  const show = () => {
    const chosen = theme.get();
    localStorage.setItem(KEY, chosen);
    if (chosen === 'system') document.documentElement.removeAttribute('data-theme');
    else document.documentElement.dataset.theme = chosen;
  };
  theme.subscribe(show);
  show();
}
