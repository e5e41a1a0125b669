import { type Data, http, request } from '@/api/client';

export type Info = Data<'/wxcomponent/authpage/componentinfo'>;
export type Landed = Data<'/wxcomponent/authpage/landing', 'post'>;

export function loadInfo(signal: AbortSignal): Promise<Info> {
  return request(http.GET('/wxcomponent/authpage/componentinfo', { signal }));
}

/** Asks for WeChat's page. Each call uses up a pre-auth code, so only a click does it. */
export async function authAddress(type: 'pc' | 'h5', asked: URLSearchParams): Promise<string> {
  const authType = Number(asked.get('authType'));
  const { url } = await request(
    http.GET('/wxcomponent/authpage/authurl', {
      params: {
        query: {
          type,
          ...(authType > 0 && { authType }),
          ...optional('bizAppid', asked),
          ...optional('link', asked),
        },
      },
    }),
  );
  return url;
}

function optional<Name extends string>(
  name: Name,
  from: URLSearchParams,
): Partial<Record<Name, string>> {
  const value = from.get(name);
  return value ? ({ [name]: value } as Record<Name, string>) : {};
}

export function land(visit: string, authCode: string, expiresIn: number): Promise<Landed> {
  return request(
    http.POST('/wxcomponent/authpage/landing', { body: { visit, authCode, expiresIn } }),
  );
}
