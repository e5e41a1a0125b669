import type { HtmlTagDescriptor, Plugin } from 'vite';

/**
 * Lets the browser fetch chunks together with the entry that it would otherwise ask for only after
 * the entry has run. They are named by their groups, or by the ends of the paths of the modules that
 * are imported; the styles of those come along.
 */
export function preload(...names: string[]): Plugin {
  return {
    name: 'preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle = {} }) =>
        Object.values(bundle).flatMap((file) => {
          if (file.type !== 'chunk') return [];
          const module = file.facadeModuleId ?? '';
          if (!names.some((name) => file.name === name || module.endsWith(name))) return [];
          return [
            link('modulepreload', file.fileName),
            ...Array.from(file.viteMetadata?.importedCss ?? [], (css) => link('stylesheet', css)),
          ];
        }),
    },
  };
}

function link(rel: string, fileName: string): HtmlTagDescriptor {
  return { tag: 'link', attrs: { rel, crossorigin: true, href: `/${fileName}` }, injectTo: 'head' };
}
