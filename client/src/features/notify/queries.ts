import { queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';
import { type ChannelForm, toBody } from './form';

export type Channel = Data<'/wxcomponent/admin/notify-channel-list'>['channels'][number];
export type Message = Data<'/wxcomponent/admin/notify-message-list'>['messages'][number];

const soon = 10_000; // milliseconds; what is sent shows up within that

export const notifyKeys = { all: ['notify'] as const };

export const channelsQuery = queryOptions({
  queryKey: [...notifyKeys.all, 'channels'],
  queryFn: async ({ signal }) =>
    (await request(http.GET('/wxcomponent/admin/notify-channel-list', { signal }))).channels,
  refetchInterval: soon,
});

export const messagesQuery = queryOptions({
  queryKey: [...notifyKeys.all, 'messages'],
  queryFn: async ({ signal }) =>
    (await request(http.GET('/wxcomponent/admin/notify-message-list', { signal }))).messages,
  refetchInterval: soon,
});

export const baseQuery = queryOptions({
  queryKey: [...notifyKeys.all, 'settings'],
  queryFn: async ({ signal }) =>
    (await request(http.GET('/wxcomponent/admin/notify-settings', { signal }))).baseUrl,
});

const path = '/wxcomponent/admin/notify-channel';

/** Adds a channel. A secret that was made for it comes back this once. */
export async function addChannel(form: ChannelForm): Promise<string | undefined> {
  return (await request(http.PUT(path, { body: toBody(form) }))).secret;
}

export async function saveChannel(id: number, form: ChannelForm): Promise<void> {
  await request(http.POST(path, { body: { id, ...toBody(form) } }));
}

export async function switchChannel(channel: Channel, enabled: boolean): Promise<void> {
  const { id, name, kind, language, events } = channel;
  await request(http.POST(path, { body: { id, name, kind, language, events, enabled } }));
}

export async function deleteChannel(id: number): Promise<void> {
  await request(http.DELETE(path, { params: { query: { id } } }));
}

export async function testChannel(id: number): Promise<void> {
  await request(http.POST('/wxcomponent/admin/notify-test', { body: { id } }));
}

export async function resendMissed(id: number): Promise<number> {
  return (await request(http.POST('/wxcomponent/admin/notify-resend', { body: { id } }))).events;
}

export async function saveBase(baseUrl: string): Promise<void> {
  await request(http.POST('/wxcomponent/admin/notify-settings', { body: { baseUrl } }));
}
