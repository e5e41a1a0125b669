import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it } from 'vitest';
import { fail, get, ok, post, server } from '@/test/server';
import { AuthorizePage } from './AuthorizePage';
import { LandingPage } from './LandingPage';
import { loadWords } from './words';

beforeEach(() => {
  localStorage.setItem('wxcomponent.language', 'zh');
});

const info = { appid: 'wx1', name: '好店通', desc: '', redirectUrl: '' };

it('offers no second try where the link is gone', async () => {
  server.use(
    get('/authpage/componentinfo', () => ok(info)),
    get('/authpage/authurl', () => fail(1001, 'link: does not exist', { field: 'link' })),
  );
  render(<AuthorizePage t={await loadWords()} type="pc" />);
  await userEvent.click(screen.getByRole('button', { name: '前往授权' }));
  expect(await screen.findByText(/链接已失效/)).toBeVisible();
  expect(screen.queryByRole('button')).not.toBeInTheDocument();
});

it('offers a second try after a failure that may pass', async () => {
  server.use(
    get('/authpage/componentinfo', () => ok(info)),
    get('/authpage/authurl', () => fail(1100, 'too many requests')),
  );
  render(<AuthorizePage t={await loadWords()} type="h5" />);
  await userEvent.click(screen.getByRole('button', { name: '前往授权' }));
  expect(await screen.findByText(/操作太频繁/)).toBeVisible();
  expect(screen.getByRole('button', { name: '重试' })).toBeEnabled();
});

it('tells of a code that WeChat takes no more', async () => {
  window.location.hash = '#/redirectPage?auth_code=c&visit=v';
  const wx = { errcode: 61010, errmsg: 'code is expired' };
  server.use(post('/authpage/landing', () => fail(1002, 'system error', { wx })));
  render(<LandingPage t={await loadWords()} />);
  expect(await screen.findByText(/链接已过期/)).toBeVisible();
  expect(screen.queryByRole('button')).not.toBeInTheDocument();
});

it('tells of a visit that has expired, and of one that could not be confirmed yet', async () => {
  window.location.hash = '#/redirectPage?auth_code=c&visit=v';
  server.use(post('/authpage/landing', () => fail(1002, 'system error')));
  render(<LandingPage t={await loadWords()} />);
  expect(await screen.findByRole('heading', { name: '授权未能确认' })).toBeVisible();
  server.use(post('/authpage/landing', () => fail(1008, 'the visit has expired')));
  await userEvent.click(screen.getByRole('button', { name: '重试' }));
  expect(await screen.findByText(/链接已过期/)).toBeVisible();
  expect(screen.queryByRole('button')).not.toBeInTheDocument();
});

it('names the account as soon as its name is known', async () => {
  window.location.hash = '#/redirectPage?auth_code=c&visit=v';
  let nickName = '';
  const account = () => ({ appid: 'wx2', nickName, headImg: '', appType: 0 });
  server.use(post('/authpage/landing', () => ok({ account: account(), redirectUrl: '' })));
  render(<LandingPage t={await loadWords()} />);
  expect(await screen.findByRole('heading', { name: '授权成功' })).toBeVisible();
  expect(screen.queryByText(/已完成授权/)).not.toBeInTheDocument();
  nickName = '星河宠物';
  expect(await screen.findByText('“星河宠物”已完成授权。', {}, { timeout: 5000 })).toBeVisible();
});
