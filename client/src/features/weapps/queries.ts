import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';
import type { WeChatFailure } from '@/api/error';

export type Weapp = Data<'/wxcomponent/admin/dev-weapp-list'>['records'][number];
export type Versions = Data<'/wxcomponent/admin/dev-versions'>;
export type AuditInfo = NonNullable<Versions['auditInfo']>;
export type PartFailure = WeChatFailure;
export type Template = Data<'/wxcomponent/admin/template-list'>['templateList'][number];

export const weappKeys = {
  all: ['weapps'] as const,
  lists: ['weapps', 'list'] as const,
  list: (search: string, audit: string) => ['weapps', 'list', search, audit] as const,
  of: (appid: string) => ['weapps', 'of', appid] as const,
};

/** What WeChat calls the states of an audit. */
export const Audit = { Approved: 0, Rejected: 1, Running: 2, Withdrawn: 3, Delayed: 4 } as const;

/** How far WeChat's check of the code's use of personal data has come. */
export const Privacy = { Unknown: 0, Checking: 1, Clean: 2, Findings: 3 } as const;

export function loadWeapps(
  search: string,
  audit: string,
  cursor: string | undefined,
  signal: AbortSignal,
) {
  const query = {
    limit: 20,
    ...(search && { search }),
    ...(audit && { auditStatus: Number(audit) }),
    ...(cursor && { cursor }),
  };
  return request(http.GET('/wxcomponent/admin/dev-weapp-list', { params: { query }, signal }));
}

const follow = 5_000; // milliseconds; what is looked at is stored, WeChat is not asked

/**
 * How the mini program stands in the list; null when it is not in it. While the version shown is in
 * review it is looked at again and again, because WeChat pushes the result, and the versions follow.
 */
export function weappQuery(client: QueryClient, appid: string) {
  const { queryKey: versions } = versionsQuery(appid);
  const shown = () => client.getQueryData(versions)?.auditInfo;
  return queryOptions({
    queryKey: [...weappKeys.of(appid), 'row'],
    queryFn: async ({ signal }) => {
      const query = { appid, limit: 1 };
      const call = http.GET('/wxcomponent/admin/dev-weapp-list', { params: { query }, signal });
      const row = (await request(call)).records[0] ?? null;
      if (inReview(shown()) && row?.auditInfo?.status !== shown()?.status) {
        void client.invalidateQueries({ queryKey: versions }, { cancelRefetch: false });
      }
      return row;
    },
    refetchInterval: () => (inReview(shown()) ? follow : false),
  });
}

/** WeChat has not decided yet. */
export function inReview(audit: Pick<AuditInfo, 'status'> | undefined): boolean {
  return audit?.status === Audit.Running || audit?.status === Audit.Delayed;
}

export function versionsQuery(appid: string) {
  return queryOptions({
    queryKey: [...weappKeys.of(appid), 'versions'],
    queryFn: ({ signal }) =>
      request(
        http.GET('/wxcomponent/admin/dev-versions', { params: { query: { appid } }, signal }),
      ),
    // Each look is several calls of WeChat's API.
    refetchOnWindowFocus: false,
  });
}

const lookAgain = 20_000; // milliseconds; WeChat's check takes minutes

/** Asks WeChat for its privacy check until it is through. */
export function privacyQuery(appid: string) {
  return queryOptions({
    queryKey: [...weappKeys.of(appid), 'privacy'],
    queryFn: ({ signal }) =>
      request(
        http.GET('/wxcomponent/admin/privacy-check', { params: { query: { appid } }, signal }),
      ),
    refetchInterval: (query) => (query.state.data?.state === Privacy.Checking ? lookAgain : false),
    refetchOnWindowFocus: false,
  });
}

export function historyQuery(appid: string) {
  return queryOptions({
    queryKey: [...weappKeys.of(appid), 'history'],
    queryFn: async ({ signal }) => {
      const call = http.GET('/wxcomponent/admin/version-history', {
        params: { query: { appid } },
        signal,
      });
      return (await request(call)).versions;
    },
  });
}

export function quotaQuery(appid: string) {
  return queryOptions({
    queryKey: [...weappKeys.of(appid), 'quota'],
    queryFn: ({ signal }) =>
      request(http.GET('/wxcomponent/admin/audit-quota', { params: { query: { appid } }, signal })),
    refetchOnWindowFocus: false,
  });
}

export function pagesQuery(appid: string) {
  return queryOptions({
    queryKey: [...weappKeys.of(appid), 'pages'],
    queryFn: async ({ signal }) => {
      const call = http.GET('/wxcomponent/admin/page-list', {
        params: { query: { appid } },
        signal,
      });
      return (await request(call)).pageList;
    },
  });
}

export const templatesQuery = queryOptions({
  queryKey: ['templates'],
  queryFn: async ({ signal }) =>
    (await request(http.GET('/wxcomponent/admin/template-list', { signal }))).templateList,
});

export async function refreshWeapp(appid: string): Promise<void> {
  await request(
    http.POST('/wxcomponent/admin/dev-weapp-refresh', { params: { query: { appid } } }),
  );
}

interface Commit {
  templateId: number;
  extJson: string;
  userVersion: string;
  userDesc: string;
}

export async function commitCode(appid: string, body: Commit): Promise<void> {
  await request(
    http.POST('/wxcomponent/admin/commit-code', { params: { query: { appid } }, body }),
  );
}

export async function rollBack(appid: string, appVersion: string): Promise<void> {
  const query = { appid, appVersion };
  await request(http.POST('/wxcomponent/admin/rollback-release-version', { params: { query } }));
}
