import { useState } from 'react';
import { keyOf, type Push } from './types';

export interface Selection {
  pushes: Push[];
  has: (push: Push) => boolean;
  toggle: (push: Push) => void;
  /** All that are loaded, or none. */
  toggleAll: () => void;
  clear: () => void;
  some: boolean;
  all: boolean;
}

/** The rows that are ticked. Those that leave the list are forgotten with the next look at them. */
export function useSelection(rows: Push[] | undefined): Selection {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const pushes = rows?.filter((push) => keys.has(keyOf(push))) ?? [];
  const all = pushes.length > 0 && pushes.length === rows?.length;
  return {
    pushes,
    has: (push) => keys.has(keyOf(push)),
    toggle: (push) => {
      const next = new Set(keys);
      if (!next.delete(keyOf(push))) next.add(keyOf(push));
      setKeys(next);
    },
    toggleAll: () => {
      setKeys(all ? new Set() : new Set(rows?.map(keyOf)));
    },
    clear: () => {
      setKeys(new Set());
    },
    some: pushes.length > 0,
    all,
  };
}
