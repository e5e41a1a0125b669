import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { http, request } from '@/api/client';
import { minute } from '@/lib/time';

const most = 20; // accounts that the service gives at once
const staleTime = 5 * minute * 1000;

/** The authorized accounts that a part of appid, name or principal fits, the newest first. */
export function useAccountSearch(search: string) {
  const query = useQuery({
    queryKey: ['account-search', search],
    queryFn: async ({ signal }) => {
      const params = { query: { limit: most, ...(search && { search }) } };
      const { records } = await request(
        http.GET('/wxcomponent/admin/authorizer-list', { params, signal }),
      );
      return records.map(({ appid, nickName }) => ({ appid, nickName }));
    },
    placeholderData: keepPreviousData,
    staleTime,
  });
  return query.data ?? [];
}

/** The names of accounts by appid, as far as they are known already or have been looked up. */
export function useAccountNames(appids: readonly string[]): Record<string, string> {
  return useQueries({
    queries: appids.slice(0, most).map((appid) => ({
      queryKey: ['account-name', appid],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const params = { query: { appid, status: 'all' as const, limit: 1 } };
        const call = http.GET('/wxcomponent/admin/authorizer-list', { params, signal });
        return (await request(call)).records[0]?.nickName ?? '';
      },
      enabled: !appid.includes('*'),
      staleTime,
    })),
    combine: (results) =>
      Object.fromEntries(
        results.flatMap(({ data }, at) => (data ? [[appids[at] ?? '', data] as const] : [])),
      ),
  });
}
