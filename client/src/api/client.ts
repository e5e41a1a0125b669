import createClient, { type Middleware } from 'openapi-fetch';
import { ApiError, Code, type WeChatFailure } from './error';
import type { paths } from './schema.gen';
import { session } from './session';

interface Envelope {
  code: number;
  errorMsg: string;
  data?: unknown;
  field?: string;
  wx?: WeChatFailure;
}

type Method = 'get' | 'put' | 'post' | 'delete';

type Answer<P extends keyof paths, M extends Method> = paths[P][M] extends {
  responses: { 200: { content: { 'application/json': infer Body } } };
}
  ? Body
  : never;

type DataOf<Body> = Body extends { data?: infer D } ? NonNullable<D> : undefined;

/** The "data" of an endpoint: `Data<'/wxcomponent/admin/ticket', 'get'>`. */
export type Data<P extends keyof paths, M extends Method = 'get'> = DataOf<Answer<P, M>>;

const asTheLoggedIn: Middleware = {
  onRequest({ request }) {
    const { token } = session.get();
    if (token !== null) request.headers.set('Authorization', `Bearer ${token}`);
    request.headers.set('Accept-Language', document.documentElement.lang || 'zh-CN');
    return request;
  },
};

/** The typed client. Hand its calls to `request`, which turns the answer into data or an ApiError. */
export const http = createClient<paths>({
  baseUrl: window.location.origin,
  // Looked up at each call, so that a test may replace it.
  fetch: (request) => globalThis.fetch(request),
});
http.use(asTheLoggedIn);

interface Call<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * Awaits a call of `http` and returns the "data" of its envelope.
 *
 *     const { ticket } = await request(http.GET('/wxcomponent/admin/ticket', { signal }));
 *
 * Everything that goes wrong rejects with ApiError, but for an abort, which stays an AbortError.
 * An answer that says that the login has ended ends it here, for the whole dashboard.
 */
export async function request<T extends { code: number }>(
  call: Promise<Call<T>>,
): Promise<DataOf<T>> {
  const { token } = session.get(); // the one that the call was just sent with
  const { data, error, response } = await call.catch(unanswered);
  const envelope: unknown = data ?? error;
  if (!isEnvelope(envelope)) {
    throw new ApiError(Code.NotOurs, `HTTP ${response.status}`, { httpStatus: response.status });
  }
  if (envelope.code !== Code.OK) throw fail(envelope, response.status, token);
  return envelope.data as DataOf<T>;
}

function unanswered(cause: unknown): never {
  if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
  if (cause instanceof SyntaxError) throw new ApiError(Code.NotOurs, 'not JSON', { cause });
  throw new ApiError(Code.Network, 'no answer', { cause });
}

/** Makes the error of an envelope and, where it says so, ends the login that was sent with the call. */
export function fail(envelope: Envelope, httpStatus: number, sent: string | null): ApiError {
  const { code, errorMsg, field, wx, data } = envelope;
  const error = new ApiError(code, errorMsg, { field, wx, data, httpStatus });
  if (error.endsLogin && session.get().token === sent) session.end('expired');
  return error;
}

export function isEnvelope(value: unknown): value is Envelope {
  return (
    typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'number'
  );
}
