import { StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { createHashRouter, RouterProvider } from 'react-router';
import { session } from '@/api/session';
import { Toasts } from '@/components/toast';
import { paths } from '@/lib/paths';
import { loginAddress } from './loginAddress';
import { routes } from './routes';
import { Splash } from './Splash';

export function start(root: HTMLElement): void {
  // Before the router looks: it would load the whole frame and page just to find that nobody is logged in.
  const asked = window.location.hash.slice(1);
  if (session.get().token === null && !asked.startsWith(paths.login)) {
    window.history.replaceState(null, '', `#${loginAddress(asked)}`);
  }
  const router = createHashRouter(routes);
  createRoot(root).render(
    <StrictMode>
      <Suspense fallback={<Splash />}>
        <RouterProvider router={router} />
        <Toasts />
      </Suspense>
    </StrictMode>,
  );
}
