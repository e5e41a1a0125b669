import { http, request } from '@/api/client';
import type { Credential } from './TokenCard';

export async function loadTicket(): Promise<Credential> {
  const { ticket } = await request(http.GET('/wxcomponent/admin/ticket'));
  return { value: ticket };
}

export async function loadComponentToken(): Promise<Credential> {
  const { token, expireTime } = await request(
    http.GET('/wxcomponent/admin/component-access-token'),
  );
  return { value: token, expireTime };
}

export async function loadAuthorizerToken(appid: string): Promise<Credential> {
  const call = http.GET('/wxcomponent/admin/authorizer-access-token', {
    params: { query: { appid } },
  });
  const { token, expireTime } = await request(call);
  return { value: token, expireTime };
}

export async function loadCloudBaseToken(): Promise<Credential> {
  const { token } = await request(http.GET('/wxcomponent/admin/cloudbase-access-token'));
  return { value: token };
}
