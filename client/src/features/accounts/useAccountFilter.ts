import { useMemo } from 'react';
import { useUrlState } from '@/hooks/useUrlState';

const defaults = {
  search: '',
  tag: '',
  type: '',
  permission: '',
  status: 'authorized',
  sort: 'time',
  /** The appid of the account that is open beside the list. */
  open: '',
};

export type AccountFilter = Omit<typeof defaults, 'open'>;

/** How bookmarks from before there were more than two name the kinds. */
const formerTypes: Record<string, string> = { 0: 'miniProgram', 1: 'official' };

/** What is looked for and which account is open, kept in the page's address. */
export function useAccountFilter() {
  const [state, change] = useUrlState(defaults);
  const { search, tag, permission, status, sort } = state;
  const type = formerTypes[state.type] ?? state.type;
  const filter = useMemo<AccountFilter>(
    () => ({ search, tag, type, permission, status, sort }),
    [search, tag, type, permission, status, sort],
  );
  return { filter, open: state.open, change };
}
