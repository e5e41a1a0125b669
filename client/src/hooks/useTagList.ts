import { queryOptions, useQuery } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';

export type TagCount = Data<'/wxcomponent/admin/authorizer-tag-list'>['tags'][number];

/** Every tag that accounts are sorted by. */
export const tagListQuery = queryOptions({
  queryKey: ['account-tags'],
  queryFn: async ({ signal }) =>
    (await request(http.GET('/wxcomponent/admin/authorizer-tag-list', { signal }))).tags,
});

export function useTagList(): TagCount[] {
  return useQuery(tagListQuery).data ?? [];
}
