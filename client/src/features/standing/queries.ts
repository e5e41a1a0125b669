import { queryOptions } from '@tanstack/react-query';
import { http, request } from '@/api/client';

/** Kinds of accounts as they are counted, the two of official accounts as one. */
export const kinds = [
  'miniProgram',
  'official',
  'store',
  'channels',
  'talent',
  'supplier',
  'other',
] as const;

async function countAccounts(
  filter: { kind?: string; status: 'authorized' | 'unauthorized' },
  signal: AbortSignal,
): Promise<number> {
  const query = { limit: 1, ...filter };
  const call = http.GET('/wxcomponent/admin/authorizer-list', { params: { query }, signal });
  return (await request(call)).total ?? 0;
}

/** How many accounts of each kind there are, and how many have ended; from what is stored. */
export const accountsQuery = queryOptions({
  queryKey: ['standing', 'accounts'],
  queryFn: async ({ signal }) => {
    const [ended, ...counts] = await Promise.all([
      countAccounts({ status: 'unauthorized' }, signal),
      ...kinds.map((kind) => countAccounts({ kind, status: 'authorized' }, signal)),
    ]);
    return { ended, authorized: kinds.map((kind, i) => ({ kind, count: counts[i] ?? 0 })) };
  },
});

export const weappsQuery = queryOptions({
  queryKey: ['standing', 'weapps'],
  queryFn: ({ signal }) => request(http.GET('/wxcomponent/admin/dev-weapp-summary', { signal })),
});
