import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';
import type { CursorPage } from '@/hooks/useCursorList';
import { destinationsQuery } from '@/hooks/useDestinations';

export type Job = Data<'/wxcomponent/admin/forward-replay-list'>['jobs'][number];
export type Delivery = Data<'/wxcomponent/admin/delivery-list'>['deliveries'][number];

/** What one call may deliver at the most. */
export const deliveriesAtOnce = 200;

export interface Replay {
  source: 'dead' | 'pushes';
  target: string;
  channel: string;
  appid: string;
  missing: boolean;
  /** Seconds; 0 means without bound. */
  from: number;
  to: number;
  rate: number;
}

export const replayKeys = {
  jobs: ['replays', 'jobs'] as const,
  dead: (target: string) => ['replays', 'dead', target] as const,
  preview: (query: object) => ['replays', 'preview', query] as const,
};

export function isMoving({ state }: Job): boolean {
  return state === 'waiting' || state === 'running';
}

export const jobsQuery = queryOptions({
  queryKey: replayKeys.jobs,
  queryFn: ({ signal }) => request(http.GET('/wxcomponent/admin/forward-replay-list', { signal })),
  refetchInterval: ({ state }) => (state.data?.jobs.some(isMoving) ? 1_000 : 15_000),
});

/** How much a replay would look at. */
export function previewQuery({ source, target, channel, appid, from, to }: Replay) {
  const query = {
    source,
    target,
    ...(from > 0 && { from }),
    ...(to > 0 && { to }),
    ...(source === 'pushes' && { channel, ...(appid && { appid }) }),
  };
  return queryOptions({
    queryKey: replayKeys.preview(query),
    queryFn: ({ signal }) =>
      request(http.GET('/wxcomponent/admin/forward-replay-preview', { params: { query }, signal })),
    enabled: target !== '' && (source === 'dead' || from > 0),
    placeholderData: keepPreviousData,
  });
}

export async function loadDead(
  target: string,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<CursorPage<Delivery>> {
  const query = { target, state: 'dead', limit: 50, ...(cursor && { cursor }) };
  const call = http.GET('/wxcomponent/admin/delivery-list', { params: { query }, signal });
  const { deliveries, nextCursor } = await request(call);
  return { records: deliveries, nextCursor };
}

/** After a deed of these, jobs, dead letters and their counts are others. */
function useRenewing() {
  const queryClient = useQueryClient();
  return () => {
    void queryClient.invalidateQueries({ queryKey: ['replays'] });
    void queryClient.invalidateQueries({ queryKey: destinationsQuery.queryKey });
  };
}

export function useStart() {
  const onSettled = useRenewing();
  return useMutation({
    meta: { errorShown: true },
    mutationFn: (body: Replay) => request(http.PUT('/wxcomponent/admin/forward-replay', { body })),
    onSettled,
  });
}

export function useCancel() {
  const onSettled = useRenewing();
  return useMutation({
    mutationFn: (jobId: string) =>
      request(http.POST('/wxcomponent/admin/forward-replay-cancel', { body: { jobId } })),
    onSettled,
  });
}

/** Makes deliveries once more, at most `deliveriesAtOnce` of them. */
export function useRedeliver() {
  const onSettled = useRenewing();
  return useMutation({
    mutationFn: (ids: string[]) =>
      request(
        http.POST('/wxcomponent/admin/delivery-redeliver', { body: { ids: ids.map(Number) } }),
      ),
    onSettled,
  });
}
