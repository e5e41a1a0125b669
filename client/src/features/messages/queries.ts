import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';
import { readStream } from '@/api/stream';
import type { CursorPage } from '@/hooks/useCursorList';
import { type Channel, type Filter, keyOf, type Push } from './types';

export const pageSize = 50;

/** What one call may deliver at the most. */
const deliveriesAtOnce = 200;

export type PushDetail = Data<'/wxcomponent/admin/push'>;
export type PushState = Data<'/wxcomponent/admin/push-state-list'>['states'][number];
export type Timeline = Data<'/wxcomponent/admin/push-deliveries'>;
export type Delivery = Timeline['deliveries'][number];
export type Attempt = Timeline['attempts'][number];

export interface PushPage extends CursorPage<Push> {
  /** Seconds: how far back a search came that ended early. */
  searchedTo?: number | undefined;
}

export const messageKeys = {
  list: (filter: Filter) => ['messages', 'list', filter] as const,
  detail: (channel: Channel, id: number) => ['messages', 'detail', channel, id] as const,
  timeline: (channel: Channel, id: number) => ['messages', 'timeline', channel, id] as const,
  state: (key: string) => ['messages', 'state', key] as const,
  states: (keys: string) => ['messages', 'states', keys] as const,
};

function queryOf(filter: Filter): Record<string, string> {
  const { startTime, endTime, ...rest } = filter;
  const all = { ...rest, startTime: String(startTime || ''), endTime: String(endTime || '') };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

export async function loadPushes(
  filter: Filter,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<PushPage> {
  const query = { ...queryOf(filter), limit: pageSize, ...(cursor && { cursor }) };
  return request(http.GET('/wxcomponent/admin/push-list', { params: { query }, signal }));
}

interface StreamOptions {
  signal: AbortSignal;
  /** `gap` says that more came than these: some are missing behind them. */
  onPushes: (pushes: Push[], gap: boolean) => void;
  onAlive: () => void;
}

interface PushEvent {
  records: Push[];
  gap?: boolean;
}

/** Follows pushes as they are stored, until the stream ends or the signal aborts. */
export function streamPushes(filter: Filter, options: StreamOptions): Promise<void> {
  const { signal, onPushes, onAlive } = options;
  const query = new URLSearchParams(queryOf({ ...filter, startTime: 0, endTime: 0 }));
  return readStream(`/wxcomponent/admin/push-stream?${query}`, {
    signal,
    onAlive,
    onEvent: (data) => {
      const { records, gap } = data as PushEvent;
      onPushes(records, gap ?? false);
    },
  });
}

export function detailQuery(channel: Channel, id: number) {
  return queryOptions({
    queryKey: messageKeys.detail(channel, id),
    queryFn: ({ signal }) => {
      const params = { query: { channel, id } };
      return request(http.GET('/wxcomponent/admin/push', { params, signal }));
    },
    staleTime: Infinity, // what was received never changes
  });
}

export function timelineQuery(channel: Channel, id: number) {
  return queryOptions({
    queryKey: messageKeys.timeline(channel, id),
    queryFn: ({ signal }) => {
      const params = { query: { channel, id } };
      return request(http.GET('/wxcomponent/admin/push-deliveries', { params, signal }));
    },
    refetchInterval: ({ state }) => {
      const moving = state.data?.deliveries.some((each) => each.state === 'pending');
      return moving ? 2_000 : 15_000;
    },
  });
}

export const pulseQuery = queryOptions({
  queryKey: ['messages', 'pulse'] as const,
  queryFn: ({ signal }) => request(http.GET('/wxcomponent/admin/push-pulse', { signal })),
  refetchInterval: 10_000,
});

/** Looks up what became of pushes, by their keys; each finds its place in the cache. */
export function useStatesQuery(keys: string[]) {
  const queryClient = useQueryClient();
  const ids = keys.join(',');
  return queryOptions({
    queryKey: messageKeys.states(ids),
    queryFn: async ({ signal }) => {
      const params = { query: { ids } };
      const call = http.GET('/wxcomponent/admin/push-state-list', { params, signal });
      const { states } = await request(call);
      for (const state of states) queryClient.setQueryData(messageKeys.state(state.id), state);
      return states.length;
    },
    enabled: keys.length > 0,
    refetchInterval: 5_000,
  });
}

/** Has a held message handled and delivered. */
export function useRelease() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Pick<Push, 'id'>) =>
      request(http.POST('/wxcomponent/admin/push-release', { body: { id } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['messages'] }),
  });
}

/** Delivers stored pushes to targets, and returns how many deliveries that makes. */
export function useSend() {
  const queryClient = useQueryClient();
  return useMutation({
    meta: { errorShown: true },
    mutationFn: async ({
      keys,
      targets,
    }: {
      keys: Pick<Push, 'channel' | 'id'>[];
      targets: string[];
    }) => {
      const most = Math.max(1, Math.floor(deliveriesAtOnce / targets.length));
      let count = 0;
      for (const channel of ['component', 'biz'] as const) {
        const ids = keys.filter((each) => each.channel === channel).map(({ id }) => id);
        for (let from = 0; from < ids.length; from += most) {
          const body = { channel, ids: ids.slice(from, from + most), targets };
          const answer = await request(http.POST('/wxcomponent/admin/push-send', { body }));
          count += answer.count;
        }
      }
      return count;
    },
    onSettled: (_count, _error, { keys }) => {
      for (const { channel, id } of keys) {
        void queryClient.invalidateQueries({ queryKey: messageKeys.timeline(channel, id) });
      }
      void queryClient.invalidateQueries({ queryKey: ['messages', 'states'] });
    },
  });
}

/** Makes one delivery once more. */
export function useRedeliver(push: Pick<Push, 'channel' | 'id'>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (deliveryId: string) =>
      request(
        http.POST('/wxcomponent/admin/delivery-redeliver', { body: { ids: [Number(deliveryId)] } }),
      ),
    onSettled: () => {
      const queryKey = messageKeys.timeline(push.channel, push.id);
      void queryClient.invalidateQueries({ queryKey });
      void queryClient.invalidateQueries({ queryKey: messageKeys.states(keyOf(push)) });
    },
  });
}
