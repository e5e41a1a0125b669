import { queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';

export type Target = Data<'/wxcomponent/admin/forward-target-list'>['targets'][number];

/** The forwarding targets, and how they did in the last day. */
export const targetListQuery = queryOptions({
  queryKey: ['targets', 'list'],
  queryFn: async ({ signal }) =>
    (await request(http.GET('/wxcomponent/admin/forward-target-list', { signal }))).targets,
});
