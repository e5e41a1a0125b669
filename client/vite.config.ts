import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { precompress } from './scripts/precompress.ts';
import { preload } from './scripts/preload.ts';

const backend = process.env.WXCOMPONENT_BACKEND ?? 'http://127.0.0.1:8080';

// What a merchant's page shows is small, and a merchant waits for it on a phone; the dashboard does not
// notice it.
const merchantStart = ['/src/merchant/main.tsx', '/src/locales/zh/merchant.json'];

export default defineConfig({
  plugins: [react(), preload('react', 'rolldown-runtime', ...merchantStart), precompress()],
  resolve: {
    alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) },
  },
  server: {
    proxy: { '/wxcomponent': backend },
  },
  build: {
    target: 'es2022',
    manifest: true, // read by the size check
    // Fonts and pictures stay files: the content security policy allows no data: scripts or styles.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // Groups that change rarely get their own file, so that a release leaves them in the cache.
        codeSplitting: {
          groups: [
            // Small things that both programs begin with: one file instead of a dozen.
            {
              name: 'base',
              test: /openapi-fetch|preload-helper|src[\\/](api[\\/](client|error|session)|lib[\\/](cx|theme|stored|language)|merchant[\\/](address|words))\.ts$/,
            },
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
            { name: 'router', test: /node_modules[\\/]react-router[\\/]/ },
            {
              name: 'i18n',
              test: /node_modules[\\/](i18next|react-i18next|html-parse-stringify|void-elements)[\\/]/,
            },
            { name: 'query', test: /node_modules[\\/]@tanstack[\\/](react-query|query-core)[\\/]/ },
          ],
        },
      },
    },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['./src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    testTimeout: 60_000, // the machine may be busy with the Go tests beside
    css: false,
    // The form of TDesign that Node can load as it is: quicker than compiling its modules for each file.
    alias: [{ find: /^tdesign-react\/es\/((?!.*\.css$).*)$/, replacement: 'tdesign-react/cjs/$1' }],
  },
});
