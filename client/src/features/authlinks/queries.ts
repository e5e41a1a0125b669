import { queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';

export type AuthLink = Data<'/wxcomponent/admin/auth-link-list'>['links'][number];
export type PermissionSet = Data<'/wxcomponent/admin/permission-sets'>['sets'][number];
export type ComponentInfo = Data<'/wxcomponent/authpage/componentinfo'>;

export const linksQuery = queryOptions({
  queryKey: ['authlinks', 'list'],
  queryFn: async ({ signal }) =>
    (await request(http.GET('/wxcomponent/admin/auth-link-list', { signal }))).links,
});

export const infoQuery = queryOptions({
  queryKey: ['authlinks', 'info'],
  queryFn: ({ signal }) => request(http.GET('/wxcomponent/authpage/componentinfo', { signal })),
});

export const redirectsQuery = queryOptions({
  queryKey: ['authlinks', 'redirects'],
  queryFn: async ({ signal }) =>
    (await request(http.GET('/wxcomponent/admin/auth-redirects', { signal }))).allowed ?? [],
});

export const permissionsQuery = queryOptions({
  queryKey: ['permission-sets'],
  queryFn: async ({ signal }) =>
    (await request(http.GET('/wxcomponent/admin/permission-sets', { signal }))).sets,
});

export interface NewLink {
  name: string;
  state: string;
  authType: number;
  bizAppid: string;
  categoryIds: number[];
  validDays: number;
  redirectUrl: string;
}

export async function createLink(body: NewLink): Promise<void> {
  await request(http.PUT('/wxcomponent/admin/auth-link', { body }));
}

export async function deleteLink(id: string): Promise<void> {
  await request(http.DELETE('/wxcomponent/admin/auth-link', { params: { query: { id } } }));
}

export async function saveInfo(body: Omit<ComponentInfo, 'appid'>): Promise<void> {
  await request(http.POST('/wxcomponent/admin/componentinfo', { body }));
}

export async function saveRedirects(allowed: string[]): Promise<void> {
  await request(http.POST('/wxcomponent/admin/auth-redirects', { body: { allowed } }));
}
