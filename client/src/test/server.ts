import { http, HttpResponse, type HttpResponseResolver } from 'msw';
import { setupServer } from 'msw/node';

/** The service as the tests see it; every story says itself what it answers. */
export const server = setupServer();

/** The envelope of a success. */
export function ok(data?: unknown) {
  return HttpResponse.json({ code: 0, errorMsg: 'OK', ...(data !== undefined && { data }) });
}

/** The envelope of a failure: `fail(1001, 'port: must be at most 65535', { field: 'port' })`. */
export function fail(code: number, errorMsg: string, extra: Record<string, unknown> = {}) {
  return HttpResponse.json({ code, errorMsg, ...extra });
}

const address = (path: string) => `*/wxcomponent${path}`;

export const get = (path: string, answer: HttpResponseResolver) => http.get(address(path), answer);
export const post = (path: string, answer: HttpResponseResolver) =>
  http.post(address(path), answer);
export const put = (path: string, answer: HttpResponseResolver) => http.put(address(path), answer);
export const del = (path: string, answer: HttpResponseResolver) =>
  http.delete(address(path), answer);

/** The JSON body of a call. */
export async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  return (await request.json()) as Record<string, unknown>;
}
