import { useSyncExternalStore } from 'react';
import { theme, type Theme } from '@/lib/theme';

export function useTheme(): [Theme, (next: Theme) => void] {
  return [useSyncExternalStore(theme.subscribe, theme.get), theme.set];
}
