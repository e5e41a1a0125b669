import { languages, tags } from '@/lib/language';
import { readStored } from '@/lib/stored';

interface Tree {
  [key: string]: string | Tree;
}

/** Gives the text of a key, filled in. */
export type Words = (key: string, values?: Record<string, string | number>) => string;

const files = import.meta.glob<Tree>('../locales/*/merchant.json', { import: 'default' });

/**
 * The texts of the merchants' pages. A merchant has hardly ever chosen a language here: then it is
 * the browser's. The dashboard's way with texts would be a fifth of these pages' weight.
 */
export async function loadWords(): Promise<Words> {
  const browser = navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
  const language = readStored('language', languages, browser);
  document.documentElement.lang = tags[language];
  const texts = (await files[`../locales/${language}/merchant.json`]?.()) ?? {};
  return (key, values = {}) => {
    const found = key
      .split('.')
      .reduce<string | Tree | undefined>(
        (at, name) => (typeof at === 'object' ? at[name] : undefined),
        texts,
      );
    const text = typeof found === 'string' ? found : key;
    return text.replace(/{{(\w+)}}/g, (_, name: string) => String(values[name] ?? ''));
  };
}
