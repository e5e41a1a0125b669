import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { bodyOf, fail, get, ok, post, server } from '@/test/server';
import { renderApp } from '@/test/render';

const official = { appid: 'wx570bc396a51b8ff8', userName: 'gh_3c884a361561', group: 1 };
const mini = { appid: 'wxd101a85aa106f53e', userName: 'gh_8dad206e9538', group: 1 };
const accounts = [
  { ...official, miniProgram: false },
  { ...mini, miniProgram: true },
];

const time = Date.UTC(2026, 10, 22, 4, 0, 5);
const done = (step: string) => ({ step, state: 'ok', time, duration: 12, attempt: 1 });
const absent = (step: string, state: string) => ({ step, state });

function check(state: string, officialSteps: object[], miniSteps: object[]) {
  return {
    group: 1,
    state,
    startTime: time,
    updateTime: time,
    ticket: done('ticket'),
    accounts: [
      { ...official, miniProgram: false, state, steps: officialSteps },
      { ...mini, miniProgram: true, state, steps: miniSteps },
    ],
  };
}

it('says what to do while there is no check, and follows one that WeChat starts', async () => {
  let last: object[] = [];
  server.use(get('/admin/release-check', () => ok({ enabled: true, accounts, last })));
  await renderApp('/developTools/releaseCheck');
  expect(await screen.findByText('还没有收到过检测')).toBeVisible();
  expect(screen.queryByRole('link', { name: '打开模拟微信' })).toBeNull();

  const waiting = ['code', 'exchange', 'message'].map((step) => absent(step, 'waiting'));
  last = [check('running', [done('authorized'), done('text'), ...waiting], waiting)];
  const account = within(
    await screen.findByRole('region', { name: `公众号 ${official.appid}` }, { timeout: 20_000 }),
  );
  expect(account.getByText('2 / 5 步')).toBeVisible();
  expect(account.getByText('立即回复文本消息')).toBeVisible();
  expect(account.getAllByText('等待微信')).toHaveLength(1);
  expect(account.getAllByText('等待前一步')).toHaveLength(2);

  const rest = ['code', 'exchange', 'message'].map(done);
  last = [check('ok', [done('authorized'), done('text'), ...rest], [done('authorized'), ...rest])];
  expect(await account.findByText('5 / 5 步')).toBeVisible();
  expect(screen.getAllByText('全部通过').length).toBeGreaterThan(1);
  expect(screen.getByText(/每一步都已正确应答/)).toBeVisible();
});

it('shows why a step failed and what to do about it', async () => {
  const failed = {
    step: 'exchange',
    state: 'failed',
    time,
    duration: 1400,
    attempt: 3,
    errcode: 61004,
    error: 'access clientip is not registered requestIP: 192.0.2.7',
    hint: '服务器出口 IP 不在白名单 / this IP is not on the white list',
  };
  const skipped = absent('message', 'skipped');
  const steps = [absent('authorized', 'missing'), done('code'), failed, skipped];
  server.use(
    get('/admin/release-check', () =>
      ok({
        enabled: true,
        accounts,
        last: [check('failed', steps, []), { ...check('ok', [], []), group: 4 }],
      }),
    ),
  );
  const { user } = await renderApp('/developTools/releaseCheck');
  expect(await screen.findByText(/微信返回 61004：access clientip/)).toBeVisible();
  expect(screen.getByText('服务器出口 IP 不在白名单')).toBeVisible();
  expect(screen.getByText(/用时1\.4\s*秒 · 第 3 次尝试/)).toBeVisible();
  expect(screen.getByText('微信未发起')).toBeVisible();
  expect(screen.getByText('前一步没有成功，未执行')).toBeVisible();
  expect(screen.getByText(/按下方的提示处理/)).toBeVisible();
  const other = screen.getByText('第 4 组测试账号', { selector: 'summary' });
  await user.click(other);
  expect(
    within(other.closest('details') as HTMLElement).getByText(/每一步都已正确应答/),
  ).toBeVisible();
});

it('switches the answers off and on again; a failure shows', async () => {
  let enabled = true;
  let broken = true;
  server.use(
    get('/admin/release-check', () =>
      ok({ enabled, accounts, last: [], simulator: 'http://127.0.0.1:8090' }),
    ),
    post('/admin/release-check', async ({ request }) => {
      if (broken) return fail(1002, 'system error');
      ({ enabled } = (await bodyOf(request)) as { enabled: boolean });
      return ok();
    }),
  );
  const { user } = await renderApp('/developTools/releaseCheck', { language: 'en' });
  const toggle = await screen.findByRole('switch');
  expect(toggle).toBeChecked();
  expect(screen.getByRole('link', { name: 'Open the simulator' })).toHaveAttribute(
    'href',
    'http://127.0.0.1:8090',
  );
  await user.click(toggle);
  expect(await screen.findByRole('alert')).toBeVisible();
  expect(toggle).toBeChecked();
  broken = false;
  await user.click(toggle);
  expect(await screen.findByText(/your own service has to answer it/)).toBeVisible();
  expect(toggle).not.toBeChecked();
  await user.click(toggle);
  expect(await screen.findByText('Automatic answers are on')).toBeVisible();
  expect(enabled).toBe(true);
  await user.click(screen.getByText('The ten test accounts'));
  expect(screen.getByText('gh_8dad206e9538')).toBeVisible();
});
