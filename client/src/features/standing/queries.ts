import { queryOptions } from '@tanstack/react-query';
import { http, request } from '@/api/client';

async function countAccounts(
  appType: number,
  status: 'authorized' | 'unauthorized',
  signal: AbortSignal,
): Promise<number> {
  const query = { limit: 1, appType, status };
  const call = http.GET('/wxcomponent/admin/authorizer-list', { params: { query }, signal });
  return (await request(call)).total ?? 0;
}

/** How many accounts of each type there are, by state; from what is stored. */
export const accountsQuery = queryOptions({
  queryKey: ['standing', 'accounts'],
  queryFn: async ({ signal }) => {
    const [mini, official, miniEnded, officialEnded] = await Promise.all([
      countAccounts(0, 'authorized', signal),
      countAccounts(1, 'authorized', signal),
      countAccounts(0, 'unauthorized', signal),
      countAccounts(1, 'unauthorized', signal),
    ]);
    return { mini, official, miniEnded, officialEnded };
  },
});

export const weappsQuery = queryOptions({
  queryKey: ['standing', 'weapps'],
  queryFn: ({ signal }) => request(http.GET('/wxcomponent/admin/dev-weapp-summary', { signal })),
});
