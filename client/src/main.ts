import './styles/base.css';
import './styles/theme.css';
import { startTheme } from './lib/theme';
import { merchantPage } from './merchant/address';
import { loadWords } from './merchant/words';

// After a release the files of the one before are gone: a page that was open asks for them in vain
// and needs the new index. Once only, so that a real outage does not reload for ever.
window.addEventListener('vite:preloadError', (event) => {
  const last = Number(sessionStorage.getItem('wxcomponent.reloaded') ?? 0);
  if (Date.now() - last < 10_000) return;
  event.preventDefault();
  sessionStorage.setItem('wxcomponent.reloaded', String(Date.now()));
  window.location.reload();
});

startTheme();
const root = document.getElementById('root') as HTMLElement;
const merchant = merchantPage(window.location.hash);
// Merchants' pages and the dashboard are two programs: going from one to the other starts anew.
window.addEventListener('hashchange', () => {
  if (merchantPage(window.location.hash) !== merchant) window.location.reload();
});
if (merchant) {
  const [{ start }, words] = await Promise.all([import('./merchant/main'), loadWords()]);
  start(root, merchant, words);
} else {
  const [{ start }] = await Promise.all([
    import('./app/main'),
    import('./lib/i18n').then(({ startI18n }) => startI18n()),
  ]);
  start(root);
}
