import { expect, it } from 'vitest';
import en from '@/locales/en/common.json';
import zh from '@/locales/zh/common.json';
import { reasonOf } from './reason';

it('knows a sentence with and without the field before it', () => {
  expect(reasonOf("port: is this service's own", 'port')).toBe('ownPort');
  expect(reasonOf('the old password is wrong')).toBe('oldPassword');
  expect(zh.reason.ownPort).toMatch(/端口/);
  expect(en.reason.ownPort).toMatch(/port/);
});

it('leaves alone what it does not know', () => {
  expect(reasonOf('a new sentence')).toBeUndefined();
  expect(reasonOf("other: is this service's own", 'port')).toBeUndefined();
});
