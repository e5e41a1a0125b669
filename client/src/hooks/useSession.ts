import { useSyncExternalStore } from 'react';
import { session, type Session } from '@/api/session';

export function useSession(): Session {
  return useSyncExternalStore(session.subscribe, session.get);
}
