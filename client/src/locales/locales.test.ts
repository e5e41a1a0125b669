import { describe, expect, it } from 'vitest';

interface Tree {
  [key: string]: string | Tree;
}

const files = import.meta.glob<Tree>('./*/*.json', { eager: true, import: 'default' });
const sources = import.meta.glob<string>('../**/*.{ts,tsx}', {
  eager: true,
  query: '?raw',
  import: 'default',
});

function leaves(tree: Tree, prefix = ''): [key: string, text: string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[prefix + key, value] as [string, string]]
      : leaves(value, `${prefix}${key}.`),
  );
}

function textsOf(language: string): Map<string, string> {
  return new Map(
    Object.entries(files)
      .filter(([path]) => path.startsWith(`./${language}/`))
      .flatMap(([path, tree]) => {
        const namespace = path.replace(/^.*\/|\.json$/g, '');
        return leaves(tree).map(([key, text]) => [`${namespace}:${key}`, text] as const);
      }),
  );
}

const zh = textsOf('zh');
const en = textsOf('en');
const placeholders = (text: string) => [...text.matchAll(/{{\s*(\w+)/g)].map((m) => m[1]).sort();

/**
 * The keys that a source file asks for, spelled out; those put together at run time are left out.
 * A key without a namespace belongs to the `useTranslation` before it. A file that is handed its `t`
 * cannot say whose texts it means: its keys come back without a namespace.
 */
function usedKeys(source: string): string[] {
  const handed = !source.includes('useTranslation(');
  return source.split('useTranslation(').flatMap((part) => {
    const own = /^'(\w+)'/.exec(part)?.[1] ?? 'common';
    const calls = [...part.matchAll(/\bt\(\s*'([\w:.]+)'/g)].map((match) => match[1] ?? '');
    return calls.map((call) => (call.includes(':') || handed ? call : `${own}:${call}`));
  });
}

const namespaces = [...new Set([...zh.keys()].map((id) => id.split(':')[0] ?? ''))];

function exists(texts: Map<string, string>, id: string): boolean {
  if (!id.includes(':')) return namespaces.some((each) => exists(texts, `${each}:${id}`));
  return texts.has(id) || (texts.has(`${id}_one`) && texts.has(`${id}_other`));
}

describe('texts', () => {
  it('have the same keys in both languages', () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
  });

  it('are filled in with the same values in both languages', () => {
    for (const [key, text] of zh) {
      expect([key, placeholders(en.get(key) ?? '')]).toEqual([key, placeholders(text)]);
    }
  });

  it('are never empty', () => {
    const empty = [...zh, ...en].filter(([, text]) => text.trim() === '');
    expect(empty).toEqual([]);
  });

  it('exist for every key that the pages use', () => {
    const missing = Object.entries(sources)
      .filter(([path]) => !path.includes('.test.'))
      .flatMap(([path, source]) =>
        usedKeys(source)
          .filter((id) => !exists(zh, id))
          .map((id) => `${path} ${id}`),
      );
    expect(missing).toEqual([]);
  });

  it('exist for every entry of the menu', () => {
    const menu = Object.entries(sources).find(([path]) => path.endsWith('/app/menu.ts'))?.[1] ?? '';
    const titles = [...menu.matchAll(/title: '([\w.]+)'/g)].map((match) => match[1] ?? '');
    expect(titles.length).toBeGreaterThan(3);
    expect(titles.filter((title) => !zh.has(`common:${title}`))).toEqual([]);
  });
});
