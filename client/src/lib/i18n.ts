import i18next, { type BackendModule } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { type Language, languages, tags } from './language';
import { readStored, store } from './stored';

// Texts are loaded by namespace, so that a page brings only its own.
const files = import.meta.glob<Record<string, unknown>>('../locales/*/*.json', {
  import: 'default',
});

const backend: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: (language, namespace) => {
    const load = files[`../locales/${language}/${namespace}.json`];
    if (!load) return Promise.reject(new Error(`no texts ${language}/${namespace}`));
    return load();
  },
};

export async function startI18n(): Promise<void> {
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: readStored('language', languages, 'zh'),
      supportedLngs: languages,
      fallbackLng: false,
      ns: ['common'],
      defaultNS: 'common',
      interpolation: { escapeValue: false }, // React escapes
      react: { useSuspense: true },
    });
  applyLanguage();
  i18next.on('languageChanged', applyLanguage);
}

function applyLanguage(): void {
  document.documentElement.lang = tags[currentLanguage()];
}

export function currentLanguage(): Language {
  return languages.find((language) => language === i18next.language) ?? 'zh';
}

export function currentTag(): string {
  return tags[currentLanguage()];
}

export async function setLanguage(language: Language): Promise<void> {
  store('language', language);
  await i18next.changeLanguage(language);
}

export function loadTexts(...namespaces: string[]): Promise<void> {
  return i18next.loadNamespaces(namespaces);
}
