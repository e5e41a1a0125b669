import type { Plugin } from 'vite';

/**
 * Lets the browser fetch chunks together with the entry that it would otherwise ask for only after
 * the entry has run: what both the dashboard and the merchants' pages need first.
 */
export function preload(...names: string[]): Plugin {
  return {
    name: 'preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle = {} }) =>
        Object.values(bundle)
          .filter((file) => file.type === 'chunk' && names.includes(file.name))
          .map(({ fileName }) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `/${fileName}` },
            injectTo: 'head' as const,
          })),
    },
  };
}
