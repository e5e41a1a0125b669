import { afterEach, expect, it, vi } from 'vitest';
import { loadWords } from './words';

afterEach(() => {
  vi.restoreAllMocks();
});

it.each([
  ['zh-TW', 'zh-CN', '授权给好店'],
  ['fr-FR', 'en', /好店/],
])('speaks to a browser set to %s in %s', async (browser, lang, words) => {
  vi.spyOn(navigator, 'language', 'get').mockReturnValue(browser);
  const t = await loadWords();
  expect(document.documentElement.lang).toBe(lang);
  expect(t('authorize.title', { name: '好店' })).toMatch(words);
});

it('keeps to the language that was chosen in this browser', async () => {
  localStorage.setItem('wxcomponent.language', 'en');
  vi.spyOn(navigator, 'language', 'get').mockReturnValue('zh-CN');
  const t = await loadWords();
  expect(t('again')).not.toMatch(/[\u4e00-\u9fff]/);
});
