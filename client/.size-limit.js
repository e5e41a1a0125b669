import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));

/** All script and style that a browser loads for the entries: their static imports, and the style of each. */
function files(entries) {
  const seen = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    for (const next of manifest[key].imports ?? []) visit(next);
  };
  entries.forEach(visit);
  const list = [...seen].flatMap((key) => [manifest[key].file, ...(manifest[key].css ?? [])]);
  return [...new Set(list)].map((file) => `dist/${file}`);
}

function page(name, limit, ...entries) {
  return { name, limit, gzip: true, path: files(['index.html', ...entries]) };
}

const app = 'src/app/main.tsx';
const texts = (...names) => names.map((name) => `src/locales/zh/${name}.json`);

export default [
  page('login page', '150 kB', app, 'src/pages/LoginPage.tsx', ...texts('common', 'login')),
  page(
    'home, the first dashboard page',
    '330 kB',
    app,
    'src/app/Inside.tsx',
    'src/pages/HomePage.tsx',
    ...texts('common', 'overview'),
  ),
  page("a merchant's page", '100 kB', 'src/merchant/main.tsx', ...texts('merchant')),
];
