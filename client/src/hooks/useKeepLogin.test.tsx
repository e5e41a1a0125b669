import { act, screen, waitFor } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { session } from '@/api/session';
import { goodToken, renderApp } from '@/test/render';
import { fail, get, ok, server } from '@/test/server';

/** A login token of twelve hours that ends so many seconds from now. */
function tokenThatEndsIn(seconds: number): string {
  const exp = Math.floor(Date.now() / 1000) + seconds;
  return `h.${btoa(JSON.stringify({ exp }))}.s`;
}

beforeEach(() => {
  server.use(get('/admin/version', () => ok({ version: 'v1' })));
});

it('a login that has run out leads to the login page', async () => {
  server.use(get('/admin/refresh-auth', () => fail(1003, 'login expired')));
  const { where } = await renderApp('/systemVersion');
  await screen.findByText('v1');
  act(() => {
    session.start(tokenThatEndsIn(-1));
  });
  expect(await screen.findByText(/登录已失效/)).toBeVisible();
  expect(where()).toBe('/login?next=%2FsystemVersion');
  expect(session.get().token).toBeNull();
});

it('a login is renewed half-way through its life, and not before', async () => {
  const fresh = goodToken();
  let renewals = 0;
  server.use(
    get('/admin/refresh-auth', () => {
      renewals += 1;
      return ok({ jwt: fresh });
    }),
  );
  await renderApp('/systemVersion');
  await screen.findByText('v1');
  act(() => {
    session.start(tokenThatEndsIn(7 * 3600));
  });
  expect(renewals).toBe(0);
  act(() => {
    session.start(tokenThatEndsIn(5 * 3600));
  });
  await waitFor(() => {
    expect(session.get().token).toBe(fresh);
  });
  expect(renewals).toBe(1);
});
