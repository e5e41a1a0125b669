import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { renderApp } from '@/test/render';
import { bodyOf, fail, get, ok, post, server } from '@/test/server';
import { factsOf } from './info';

const account = {
  id: 1,
  appid: 'wx1',
  appType: 0,
  kind: 'miniProgram',
  serviceType: 0,
  nickName: '橘子咖啡',
  userName: 'gh_1',
  headImg: '',
  qrcodeUrl: '',
  principalName: '橘子餐饮',
  refreshToken: 'refre***********AAAA',
  funcInfo: '|1|18',
  verifyInfo: 0,
  authTime: 1_795_000_000,
  registerType: 0,
  accountStatus: 1,
  basicConfig: { isPhoneConfigured: true, isEmailConfigured: false },
  status: 'authorized',
  statusTime: 1_795_000_000,
  detailsTime: 1_795_000_000,
  state: '',
  tags: ['VIP'],
};
const sets = [
  { id: 1, zh: '消息管理', en: 'Messages', miniProgram: false, exclusive: false },
  { id: 18, zh: '小程序开发', en: 'Development', miniProgram: true, exclusive: true },
];
const detail = {
  account,
  permissions: sets,
  info: { signature: '好咖啡', business_info: { open_pay: 1 } },
  timeline: [
    {
      id: '9',
      time: 1_795_000_000,
      kind: 'details',
      detail: { changes: { nickName: { from: '旧名', to: '橘子咖啡' } } },
    },
  ],
};

beforeEach(() => {
  server.use(
    get('/admin/authorizer-tag-list', () => ok({ tags: [{ tag: 'VIP', accounts: 3 }] })),
    get('/admin/permission-sets', () => ok({ sets })),
    get('/admin/pull-authorizer-job', () => ok({ jobId: '' })),
    get('/admin/authorizer-list', () => ok({ total: 1, records: [account] })),
    get('/admin/authorizer-detail', () => ok(detail)),
  );
});

describe('authorized accounts', () => {
  it('are filtered by the service, with the filter in the address', async () => {
    const asked: URLSearchParams[] = [];
    server.use(
      get('/admin/authorizer-list', ({ request }) => {
        asked.push(new URL(request.url).searchParams);
        return ok({ total: 0, records: [] });
      }),
    );
    const { user, where } = await renderApp('/authorizedAccountManage?type=0');
    expect(await screen.findByText('没有符合条件的账号')).toBeVisible();
    expect(asked.at(-1)?.get('kind')).toBe('miniProgram'); // as a bookmark names it
    expect(screen.getByLabelText('账号类型')).toHaveDisplayValue('小程序');
    await user.selectOptions(screen.getByLabelText('账号类型'), '微信小店');
    await waitFor(() => {
      expect(asked.at(-1)?.get('kind')).toBe('store');
    });
    await user.type(screen.getByLabelText('搜索'), '咖啡{Enter}');
    await user.selectOptions(screen.getByLabelText('授权状态'), '全部');
    await waitFor(() => {
      expect(asked.at(-1)?.get('status')).toBe('all');
    });
    expect(asked.at(-1)?.get('search')).toBe('咖啡');
    expect(decodeURI(where())).toContain('search=咖啡');
  });

  it('are shown as what they are', async () => {
    const named = { store: '小店甲', channels: '视频乙', talent: '带货丙', supplier: '供货丁' };
    const records = Object.entries(named).map(([kind, nickName], i) => ({
      ...account,
      ...{ id: i, appid: `wx${i}`, appType: 1, kind, nickName },
    }));
    records.push({ ...account, id: 9, appid: 'wx9', kind: 'of tomorrow', nickName: '新账号' });
    server.use(get('/admin/authorizer-list', () => ok({ total: 5, records })));
    await renderApp('/authorizedAccountManage');
    for (const [name, kind] of [
      ['小店甲', '微信小店'],
      ['视频乙', '视频号'],
      ['带货丙', '带货助手'],
      ['供货丁', '供货商'],
      ['新账号', '其他'],
    ] as const) {
      const row = await screen.findByRole('row', { name: new RegExp(name) });
      expect(within(row).getByText(kind)).toBeVisible();
    }
  });

  it('open beside the list, all in words, tokens only on demand', async () => {
    let tokens = 0;
    server.use(
      get('/admin/authorizer-access-token', () => {
        tokens++;
        return ok({ token: 'ACCESS', expireTime: 0 });
      }),
    );
    const { user } = await renderApp('/authorizedAccountManage');
    await user.click(await screen.findByRole('button', { name: '橘子咖啡' }));
    const drawer = await screen.findByRole('dialog', { name: '橘子咖啡' });
    expect(await within(drawer).findByText('好咖啡')).toBeVisible();
    expect(within(drawer).getByText('开通微信支付')).toBeVisible();
    expect(within(drawer).getByText('名称：旧名 → 橘子咖啡')).toBeVisible();
    expect(tokens).toBe(0);
    await user.click(within(drawer).getByRole('button', { name: '显示access token' }));
    expect(await within(drawer).findByText('ACCESS')).toBeVisible();
  });

  it('are synced as a job that can be followed and stopped', async () => {
    const progress = { total: 10, done: 4, failed: 1, page: 1, added: 0, vanished: 0 };
    const more = { incomplete: false, errors: [], beganMs: 0 };
    let state = '';
    let stopped: unknown;
    server.use(
      get('/admin/pull-authorizer-job', () =>
        ok(state ? { jobId: '7', state, progress: { ...progress, ...more } } : { jobId: '' }),
      ),
      post('/admin/pull-authorizer-list', () => {
        state = 'running';
        return ok({ jobId: '7' });
      }),
      post('/admin/pull-authorizer-cancel', async ({ request }) => {
        stopped = await bodyOf(request);
        state = 'cancelled';
        return ok();
      }),
    );
    const { user } = await renderApp('/authorizedAccountManage');
    await user.click(await screen.findByRole('button', { name: '同步' }));
    expect(await screen.findByText('4 / 10')).toBeVisible();
    await user.click(screen.getByRole('button', { name: '停止' }));
    expect(await screen.findByText('已停止')).toBeVisible();
    expect(stopped).toEqual({ jobId: '7' });
  });

  it("are sorted by tags of one's own, and narrowed to one of them", async () => {
    const asked: (string | null)[] = [];
    let sent: unknown;
    server.use(
      get('/admin/authorizer-list', ({ request }) => {
        asked.push(new URL(request.url).searchParams.get('tag'));
        return ok({ total: 1, records: [account] });
      }),
      post('/admin/authorizer-tags', async ({ request }) => {
        sent = await bodyOf(request);
        return ok(sent);
      }),
    );
    const { user } = await renderApp('/authorizedAccountManage?open=wx1');
    const drawer = within(await screen.findByRole('dialog', { name: '橘子咖啡' }));
    const field = await drawer.findByRole('combobox', { name: '标签' });
    expect(drawer.getByText('VIP')).toBeVisible();
    await user.type(field, '新客{Enter}华东');
    await user.click(drawer.getAllByRole('button', { name: '保存' })[0] as HTMLElement);
    expect(await screen.findByText('标签已保存')).toBeVisible();
    expect(sent).toEqual({ tags: ['VIP', '新客', '华东'] });
    await user.click(drawer.getByRole('button', { name: '关闭' }));
    await user.selectOptions(screen.getByRole('combobox', { name: '标签' }), 'VIP (3)');
    await waitFor(() => {
      expect(asked.at(-1)).toBe('VIP');
    });
  });

  it('keep the merchant id that was typed when it is refused', async () => {
    server.use(post('/admin/authorizer-state', () => fail(1001, 'state: no', { field: 'state' })));
    const { user } = await renderApp('/authorizedAccountManage?open=wx1');
    const field = await screen.findByLabelText('商家标识');
    await user.type(field, 'shop-7{Enter}');
    expect(await screen.findByText('state: no')).toBeVisible();
    expect(field).toHaveValue('shop-7');
  });
});

it('lays out what WeChat tells, leaving out what is empty or shown elsewhere', () => {
  expect(
    factsOf({
      nick_name: 'x',
      alias: '',
      MiniProgramInfo: { categories: [{ first: 'A', second: 'B' }], network: { UDPDomain: [] } },
      basic_config: { is_email_configured: false },
      new_thing: 7,
    }),
  ).toEqual([
    { path: 'categories', values: ['A / B'] },
    { path: 'basic_config.is_email_configured', values: ['false'], on: false },
    { path: 'new_thing', values: ['7'] },
  ]);
});
