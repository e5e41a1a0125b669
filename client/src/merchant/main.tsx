import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { MerchantPage } from './address';
import { AuthorizePage } from './AuthorizePage';
import { LandingPage } from './LandingPage';
import type { Words } from './words';

/** Shows one of the pages that merchants open. They share no code with the dashboard but the base. */
export function start(root: HTMLElement, page: MerchantPage, t: Words): void {
  createRoot(root).render(
    <StrictMode>
      {page === 'redirectPage' ? (
        <LandingPage t={t} />
      ) : (
        <AuthorizePage t={t} type={page === 'authorize' ? 'pc' : 'h5'} />
      )}
    </StrictMode>,
  );
}
