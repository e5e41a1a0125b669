import { StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { createHashRouter, RouterProvider } from 'react-router';
import { Toasts } from '@/components/toast';
import { routes } from './routes';
import { Splash } from './Splash';

export function start(root: HTMLElement): void {
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
