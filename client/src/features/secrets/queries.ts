import { queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';

export type CallbackConfig = Data<'/wxcomponent/admin/callback-config'>;
export type PushConfig = Data<'/wxcomponent/admin/push-config'>;
export type PushSetting = keyof PushConfig;

const keys = {
  callback: ['settings', 'callback'] as const,
  secret: ['settings', 'secret'] as const,
  push: ['settings', 'push'] as const,
};

export const callbackQuery = queryOptions({
  queryKey: keys.callback,
  queryFn: ({ signal }) => request(http.GET('/wxcomponent/admin/callback-config', { signal })),
});

export const secretQuery = queryOptions({
  queryKey: keys.secret,
  queryFn: ({ signal }) => request(http.GET('/wxcomponent/admin/secret', { signal })),
});

export const pushQuery = queryOptions({
  queryKey: keys.push,
  queryFn: ({ signal }) => request(http.GET('/wxcomponent/admin/push-config', { signal })),
});

export async function saveSecret(secret: string): Promise<void> {
  await request(http.POST('/wxcomponent/admin/secret', { body: { secret } }));
}

export async function savePushSetting(name: PushSetting, value: string): Promise<void> {
  await request(http.POST('/wxcomponent/admin/push-config', { body: { [name]: value } }));
}
