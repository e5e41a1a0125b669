import { http, request } from '@/api/client';
import { sentPassword } from '@/api/login';

export async function changeUsername(username: string): Promise<void> {
  await request(http.POST('/wxcomponent/admin/username', { body: { username } }));
}

export async function changePassword(oldPassword: string, password: string): Promise<void> {
  const body = {
    oldPassword: await sentPassword(oldPassword),
    password: await sentPassword(password),
  };
  await request(http.POST('/wxcomponent/admin/userpwd', { body }));
}
