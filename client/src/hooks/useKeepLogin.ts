import { useEffect } from 'react';
import { renewalDue, renewLogin } from '@/api/login';
import { nowSeconds } from '@/lib/time';
import { useSession } from './useSession';

const lookEvery = 60_000; // milliseconds

/** Renews the login half-way through its life for as long as the dashboard is open and in view. */
export function useKeepLogin(): void {
  const { token } = useSession();
  useEffect(() => {
    if (token === null) return;
    const due = renewalDue(token);
    if (due === null) return;
    const look = () => {
      if (document.visibilityState === 'hidden' || nowSeconds() < due) return;
      renewLogin().catch(() => undefined); // tried again at the next look; a refusal ends the login itself
    };
    look();
    const timer = setInterval(look, lookEvery);
    return () => {
      clearInterval(timer);
    };
  }, [token]);
}
