import { useSyncExternalStore } from 'react';

const near = 160; // pixels

function subscribe(listener: () => void): () => void {
  window.addEventListener('scroll', listener, { passive: true });
  return () => {
    window.removeEventListener('scroll', listener);
  };
}

/** Whether the page is scrolled to its beginning, or near. */
export function useAtTop(): boolean {
  return useSyncExternalStore(subscribe, () => window.scrollY < near);
}
