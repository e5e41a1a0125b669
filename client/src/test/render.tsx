import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Suspense } from 'react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { session } from '@/api/session';
import { routes } from '@/app/routes';
import { Toasts } from '@/components/toast';
import { setLanguage, startI18n } from '@/lib/i18n';

interface Options {
  loggedIn?: boolean;
  language?: 'zh' | 'en';
}

/** A login token that is good for another 12 hours, as far as the browser can tell. */
export function goodToken(): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => btoa(JSON.stringify(value));
  return `${part({ alg: 'HS256' })}.${part({ iat: now, exp: now + 12 * 3600 })}.signature`;
}

/** Opens an address of the dashboard, with everything but the network real. */
export async function renderApp(address: string, options: Options = {}) {
  const { loggedIn = true, language = 'zh' } = options;
  await startI18n();
  await setLanguage(language);
  if (loggedIn) session.start(goodToken());
  else session.end('logout');
  const router = createMemoryRouter(routes, { initialEntries: [address] });
  const user = userEvent.setup();
  const view = render(
    <Suspense>
      <RouterProvider router={router} />
      <Toasts />
    </Suspense>,
  );
  const where = () => router.state.location.pathname + router.state.location.search;
  return { ...view, user, where, router };
}
