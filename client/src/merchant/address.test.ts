import { expect, test } from 'vitest';
import { merchantPage, parameters } from './address';

test.each([
  ['#/authorize', 'authorize'],
  ['#/authorizeH5?link=a', 'authorizeH5'],
  ['#/redirectPage?auth_code=x', 'redirectPage'],
  ['#/authPageManage', undefined],
  ['', undefined],
])('%s is %s', (hash, page) => {
  expect(merchantPage(hash)).toBe(page);
});

test('parameters are found before and within the hash', () => {
  const found = parameters('?visit=v&auth_code=c', '#/redirectPage?expires_in=600&visit=other');
  expect(found.get('visit')).toBe('v');
  expect(found.get('auth_code')).toBe('c');
  expect(found.get('expires_in')).toBe('600');
});
