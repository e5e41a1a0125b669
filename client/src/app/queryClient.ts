import { MutationCache, QueryClient } from '@tanstack/react-query';
import i18next from 'i18next';
import { ApiError, Code } from '@/api/error';
import { errorText } from '@/components/errorText';
import { toast } from '@/components/toast';

declare module '@tanstack/react-query' {
  interface Register {
    mutationMeta: {
      /** The caller shows the failure itself, beside the form or button. */
      errorShown?: boolean;
    };
  }
}

/** Only what may pass by itself is tried again: no answer at all, or a gateway's. */
function retry(failures: number, error: unknown): boolean {
  const passing =
    error instanceof ApiError && (error.code === Code.Network || error.code === Code.NotOurs);
  return passing && failures < 2;
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry, staleTime: 5_000 },
      mutations: { retry: false },
    },
    mutationCache: new MutationCache({
      onError: (error, _variables, _context, mutation) => {
        if (mutation.meta?.errorShown) return;
        const { message, remedy } = errorText(i18next.t, error);
        toast.error(remedy ? `${message} ${remedy}` : message);
      },
    }),
  });
}
