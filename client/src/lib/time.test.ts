import { expect, it } from 'vitest';
import { formatDuration, formatRelative, formatTime } from './time';

it.each([
  [0, '0秒'],
  [59, '59秒'],
  [3600, '1小时'],
  [3661, '1小时1分钟'],
  [90_000, '1天1小时'],
  [-5, '0秒'],
])('says the length of %i seconds', (seconds, words) => {
  expect(formatDuration(seconds, 'zh-CN')).toBe(words);
});

it('separates the units where the language does', () => {
  expect(formatDuration(3661, 'en')).toBe('1 hr 1 min');
});

it.each([
  [1000, 'now'],
  [940, '1 minute ago'],
  [8200, 'in 2 hours'],
])('says how far %i is from 1000', (at, words) => {
  expect(formatRelative(at, 'en', 1000)).toBe(words);
});

it('never takes a ten-digit number for anything but seconds', () => {
  expect(formatTime(1_795_384_628, 'utc')).toBe('2026-11-22 21:57:08');
});
