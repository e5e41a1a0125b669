import { http, request } from '@/api/client';
import { useDeed } from './useDeed';

const overview = ['overview'];

/** Has WeChat push component_verify_ticket again. */
export function useTicketStart(done: string) {
  return useDeed({
    deed: () => request(http.POST('/wxcomponent/admin/start-push-ticket')),
    changes: overview,
    done,
  });
}

/** Resets the platform's quotas of WeChat's API; with the AppSecret no token is needed. */
export function useQuotaReset(done: string, onDone: () => void) {
  return useDeed({
    deed: (bySecret: boolean) =>
      request(http.POST('/wxcomponent/admin/clear-quota', { body: { appid: '', bySecret } })),
    changes: overview,
    done,
    onDone,
    errorShown: true,
  });
}
