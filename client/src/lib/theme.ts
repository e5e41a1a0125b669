import { readStored, store } from './stored';

export const themes = ['light', 'dark', 'system'] as const;
export type Theme = (typeof themes)[number];

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
let current: Theme = readStored('theme', themes, 'system');

/** Sets the attribute that TDesign's colours hang on, now and whenever the choice or the system changes. */
export function startTheme(): void {
  dark.addEventListener('change', apply);
  apply();
}

function apply(): void {
  const mode = current === 'system' ? (dark.matches ? 'dark' : 'light') : current;
  document.documentElement.setAttribute('theme-mode', mode);
}

export const theme = {
  get: (): Theme => current,
  set(next: Theme): void {
    current = next;
    store('theme', next);
    apply();
    listeners.forEach((listener) => {
      listener();
    });
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
