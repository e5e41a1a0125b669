import { queryOptions, useQuery } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';

export type Destination =
  Data<'/wxcomponent/admin/forward-destination-list'>['destinations'][number];

export const destinationsQuery = queryOptions({
  queryKey: ['destinations'] as const,
  queryFn: ({ signal }) =>
    request(http.GET('/wxcomponent/admin/forward-destination-list', { signal })),
  staleTime: 0, // whoever opens a choice of targets wants those of now
});

/** The targets that deliveries can be made to, or were given up for. `nameOf` names one by its key. */
export function useDestinations(refetchInterval?: number) {
  const query = useQuery({
    ...destinationsQuery,
    ...(refetchInterval !== undefined && { refetchInterval }),
  });
  const list = query.data?.destinations ?? [];
  const nameOf = (key: string) => list.find((each) => each.key === key)?.name ?? key;
  return { query, list, nameOf };
}
