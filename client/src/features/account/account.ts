import { http, request } from '@/api/client';
import { sentPassword } from '@/api/login';

export async function changeUsername(username: string): Promise<void> {
  await request(http.POST('/wxcomponent/admin/username', { body: { username } }));
}

/**
 * The new password goes in clear, so that the service can judge it; one that looks like an MD5
 * would be taken for one.
 */
export async function changePassword(oldPassword: string, password: string): Promise<void> {
  const body = {
    oldPassword: await sentPassword(oldPassword),
    password: /^[0-9a-f]{32}$/.test(password) ? await sentPassword(password) : password,
  };
  await request(http.POST('/wxcomponent/admin/userpwd', { body }));
}
