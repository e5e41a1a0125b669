import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';

const near = 160; // pixels

function subscribe(listener: () => void): () => void {
  window.addEventListener('scroll', listener, { passive: true });
  return () => {
    window.removeEventListener('scroll', listener);
  };
}

function isAtTop(): boolean {
  return window.scrollY < near;
}

/** Whether the page is scrolled to its beginning, or near. `onReturn` is called when it comes back there. */
export function useAtTop(onReturn: () => void): boolean {
  const returned = useEffectEvent(onReturn);
  useEffect(() => {
    let before = isAtTop();
    return subscribe(() => {
      const now = isAtTop();
      if (now && !before) returned();
      before = now;
    });
  }, []);
  return useSyncExternalStore(subscribe, isAtTop);
}
