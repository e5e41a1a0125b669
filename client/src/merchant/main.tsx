import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { loadTexts, setLanguage } from '@/lib/i18n';
import { readStored } from '@/lib/stored';
import type { MerchantPage } from './address';
import { AuthorizePage } from './AuthorizePage';
import { LandingPage } from './LandingPage';

/** Merchants have never chosen a language here: theirs is the browser's. */
async function speak(): Promise<void> {
  const chosen = readStored('language', ['zh', 'en', ''] as const, '');
  if (chosen === '' && !navigator.language.toLowerCase().startsWith('zh')) await setLanguage('en');
}

/** Shows one of the pages that merchants open. They share no code with the dashboard but the base. */
export async function start(root: HTMLElement, page: MerchantPage): Promise<void> {
  await speak();
  await loadTexts('merchant');
  createRoot(root).render(
    <StrictMode>
      {page === 'redirectPage' ? (
        <LandingPage />
      ) : (
        <AuthorizePage type={page === 'authorize' ? 'pc' : 'h5'} />
      )}
    </StrictMode>,
  );
}
