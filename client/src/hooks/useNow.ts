import { useSyncExternalStore } from 'react';
import { nowSeconds, type Seconds } from '@/lib/time';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    listeners.forEach((each) => {
      each();
    });
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, renewed each second by one timer for the whole page. */
export function useNow(): Seconds {
  return useSyncExternalStore(subscribe, nowSeconds);
}
