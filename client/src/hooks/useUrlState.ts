import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

/**
 * State in the page's address, so that a copied link shows the same view and Back undoes a change.
 * `defaults` names the members and is what a missing one means; it must not change between renders.
 *
 *     const [filter, setFilter] = useUrlState({ tab: 'biz', appid: '' });
 *     setFilter({ appid: 'wx1' });
 */
export function useUrlState<T extends Record<string, string>>(
  defaults: T,
): [state: T, change: (part: Partial<T>, options?: { replace?: boolean }) => void] {
  const [params, setParams] = useSearchParams();

  const state = useMemo(() => {
    const found = Object.keys(defaults).map((key) => [key, params.get(key) ?? defaults[key]]);
    return Object.fromEntries(found) as T;
  }, [params, defaults]);

  const change = useCallback(
    (part: Partial<T>, options?: { replace?: boolean }) => {
      setParams((before) => {
        const next = new URLSearchParams(before);
        for (const [key, value] of Object.entries(part)) {
          if (value === undefined || value === defaults[key]) next.delete(key);
          else next.set(key, value);
        }
        return next;
      }, options);
    },
    [setParams, defaults],
  );

  return [state, change];
}
