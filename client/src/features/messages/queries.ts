import { http, request } from '@/api/client';
import { readStream } from '@/api/stream';
import type { CursorPage } from '@/hooks/useCursorList';
import { type Channel, type Filter, type Message, toMessage } from './types';

export const pageSize = 50;

export const messageKeys = {
  list: (channel: Channel, filter: Filter) => ['messages', channel, filter] as const,
};

export async function loadMessages(
  channel: Channel,
  filter: Filter,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<CursorPage<Message>> {
  const { startTime, endTime, infoType, appid, msgType, event } = filter;
  const common = { limit: pageSize, startTime, endTime, ...(cursor && { cursor }) };
  if (channel === 'component') {
    const query = { ...common, ...(infoType && { infoType }) };
    const call = http.GET('/wxcomponent/admin/wx-component-records', { params: { query }, signal });
    const page = await request(call);
    return { ...page, records: page.records.map(toMessage) };
  }
  const query = {
    ...common,
    ...(appid && { appid }),
    ...(msgType && { msgType }),
    ...(event && { event }),
  };
  const call = http.GET('/wxcomponent/admin/wx-biz-records', { params: { query }, signal });
  const page = await request(call);
  return { ...page, records: page.records.map(toMessage) };
}

interface StreamOptions {
  signal: AbortSignal;
  onMessages: (messages: Message[]) => void;
  onAlive: () => void;
}

interface PushEvent {
  channel: Channel;
  records: Parameters<typeof toMessage>[0][];
}

/** Follows the pushes of one channel as they are stored, until the stream ends or the signal aborts. */
export function streamMessages(
  channel: Channel,
  filter: Filter,
  options: StreamOptions,
): Promise<void> {
  const { signal, onMessages, onAlive } = options;
  const { infoType, appid, msgType, event } = filter;
  const query = new URLSearchParams({ channel, infoType, appid, msgType, event });
  return readStream(`/wxcomponent/admin/push-stream?${query}`, {
    signal,
    onAlive,
    onEvent: (data) => {
      const event = data as PushEvent;
      if (event.channel === channel) onMessages(event.records.map(toMessage));
    },
  });
}
