import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';
import { hour } from '@/lib/time';
import type { AccountFilter } from './useAccountFilter';

export type Account = Data<'/wxcomponent/admin/authorizer-list'>['records'][number];
export type AccountDetail = Data<'/wxcomponent/admin/authorizer-detail'>;
export type PermissionSet = Data<'/wxcomponent/admin/permission-sets'>['sets'][number];
export type TimelineEntry = AccountDetail['timeline'][number];
export type SyncJob = Data<'/wxcomponent/admin/pull-authorizer-job'>;

export const accountKeys = {
  lists: ['accounts', 'list'] as const,
  list: (filter: AccountFilter) => ['accounts', 'list', filter] as const,
  detail: (appid: string) => ['accounts', 'detail', appid] as const,
  sync: ['accounts', 'sync'] as const,
};

export function loadAccounts(
  filter: AccountFilter,
  cursor: string | undefined,
  signal: AbortSignal,
) {
  const { search, tag, type, permission, status, sort } = filter;
  const query = {
    limit: 20,
    status,
    sort,
    ...(search && { search }),
    ...(tag && { tag }),
    ...(type && { kind: type }),
    ...(permission && { permission: Number(permission) }),
    ...(cursor && { cursor }),
  };
  return request(http.GET('/wxcomponent/admin/authorizer-list', { params: { query }, signal }));
}

export function detailQuery(appid: string) {
  return queryOptions({
    queryKey: accountKeys.detail(appid),
    queryFn: ({ signal }) =>
      request(
        http.GET('/wxcomponent/admin/authorizer-detail', { params: { query: { appid } }, signal }),
      ),
  });
}

export const permissionsQuery = queryOptions({
  queryKey: ['permission-sets'],
  staleTime: hour * 1000,
  queryFn: async ({ signal }) =>
    (await request(http.GET('/wxcomponent/admin/permission-sets', { signal }))).sets,
});

export function isActive(job: SyncJob | undefined): boolean {
  return job?.state === 'waiting' || job?.state === 'running';
}

/** The newest sync, followed while it is under way; at its end the accounts are looked up anew. */
export function syncQuery(client: QueryClient) {
  return queryOptions({
    queryKey: accountKeys.sync,
    queryFn: async ({ signal }) => {
      const before = client.getQueryData<SyncJob>(accountKeys.sync);
      const job = await request(http.GET('/wxcomponent/admin/pull-authorizer-job', { signal }));
      if (isActive(before) && !isActive(job)) {
        void client.invalidateQueries({ queryKey: accountKeys.lists });
      }
      return job;
    },
    refetchInterval: (query) => (isActive(query.state.data) ? 1000 : false),
  });
}

export async function startSync(): Promise<void> {
  await request(http.POST('/wxcomponent/admin/pull-authorizer-list'));
}

export async function cancelSync(jobId: string): Promise<void> {
  await request(http.POST('/wxcomponent/admin/pull-authorizer-cancel', { body: { jobId } }));
}

export async function refreshAccount(appid: string): Promise<void> {
  await request(
    http.POST('/wxcomponent/admin/authorizer-refresh', { params: { query: { appid } } }),
  );
}

export async function bindState(appid: string, state: string): Promise<void> {
  await request(
    http.POST('/wxcomponent/admin/authorizer-state', {
      params: { query: { appid } },
      body: { state },
    }),
  );
}

/** Sorts the account by these tags and returns them as they are stored. */
export async function setTags(appid: string, tags: string[]): Promise<string[]> {
  const call = http.POST('/wxcomponent/admin/authorizer-tags', {
    params: { query: { appid } },
    body: { tags },
  });
  return (await request(call)).tags;
}

export async function loadAccessToken(appid: string): Promise<string> {
  const call = http.GET('/wxcomponent/admin/authorizer-access-token', {
    params: { query: { appid } },
  });
  return (await request(call)).token;
}

export async function loadRefreshToken(appid: string): Promise<string> {
  const call = http.GET('/wxcomponent/admin/authorizer-refresh-token', {
    params: { query: { appid } },
  });
  return (await request(call)).refreshToken;
}
