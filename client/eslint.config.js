import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import prettier from 'eslint-config-prettier';
import { importX } from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import { readdirSync } from 'node:fs';
import tseslint from 'typescript-eslint';

// Imports run one way: app -> pages -> features -> components, hooks, lib, api.
const layer = (target, from, message) => ({ target, from, message });
const features = readdirSync('./src/features', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const zones = [
  layer('./src/pages', './src/app', 'A page knows nothing of the frame around it.'),
  ...['app', 'pages'].map((above) =>
    layer('./src/features', `./src/${above}`, 'A feature is used by pages, not the other way.'),
  ),
  ...features.map((name) => ({
    target: `./src/features/${name}`,
    from: './src/features',
    except: [`./${name}`],
    message: 'Features never import each other: move the shared part to components, hooks or lib.',
  })),
  ...['components', 'hooks', 'lib', 'api'].flatMap((low) =>
    ['app', 'pages', 'features'].map((above) =>
      layer(`./src/${low}`, `./src/${above}`, `${low} are shared: they cannot depend on ${above}.`),
    ),
  ),
  {
    target: './src/components',
    from: './src/api',
    except: ['./error.ts'],
    message: 'A component is given its data; it does not fetch.',
  },
];

export default tseslint.config(
  { ignores: ['dist', 'src/api/schema.gen.ts', 'test-results', 'playwright-report'] },
  js.configs.recommended,
  tseslint.configs.strict,
  tseslint.configs.stylistic,
  reactHooks.configs.flat.recommended,
  {
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: './tsconfig.json' })],
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      'import-x/no-duplicates': ['error', { 'prefer-inline': true }],
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { zones }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/api/**', 'src/lib/stored.ts', 'src/**/*.test.{ts,tsx}', 'src/test/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        {
          name: 'fetch',
          message: 'Go through src/api: it adds the login and turns failures into ApiError.',
        },
        { name: 'localStorage', message: 'Use src/lib/stored.ts or src/api/session.ts.' },
      ],
    },
  },
  prettier,
);
