import { http, request } from './client';
import { claimsOf, session } from './session';

/** The form in which a password travels: the lower-case hex MD5 of its UTF-8 bytes. */
export async function sentPassword(password: string): Promise<string> {
  const { md5 } = await import('js-md5'); // only when it is needed: the login page must be light
  return md5(password);
}

export async function logIn(username: string, password: string): Promise<void> {
  const body = { username, password: await sentPassword(password) };
  const { jwt } = await request(http.PUT('/wxcomponent/auth', { body }));
  session.start(jwt);
}

/** Ends the login here at once, and at the service, where that can be reached, for all devices. */
export async function logOut(): Promise<void> {
  const headers = { Authorization: `Bearer ${session.get().token ?? ''}` }; // gone by the time it is sent
  const ending = request(http.POST('/wxcomponent/admin/logout', { headers })).catch(
    () => undefined,
  );
  session.end('logout');
  await ending;
}

/** When the login should be renewed: half-way through its life. Null when it cannot be told. */
export function renewalDue(token: string): number | null {
  const claims = claimsOf(token);
  return claims && claims.issued + (claims.expires - claims.issued) / 2;
}

export async function renewLogin(): Promise<void> {
  const { token } = session.get();
  const { jwt } = await request(http.GET('/wxcomponent/admin/refresh-auth'));
  if (session.get().token === token) session.start(jwt); // unless it was ended or replaced meanwhile
}
