import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { renderApp } from '@/test/render';
import { bodyOf, fail, get, ok, post, server } from '@/test/server';
import { checkExtJson, tidy } from './extJson';

const weapp = {
  appid: 'wx1',
  nickName: '橘子咖啡',
  userName: 'gh_1',
  headImg: '',
  principalName: '橘子餐饮',
  funcInfo: [18],
  qrCodeUrl: '',
  serviceStatus: 1,
  privacyState: 0,
  refreshTime: 1_795_000_000,
};
const auditInfo = {
  auditId: 4211202267,
  auditIdText: '9007199254740993',
  status: 2,
  reason: '',
  screenShot: '',
  userVersion: '1.2.0',
  userDesc: '',
  submitAuditTime: 1_795_000_000,
  auditTime: 0,
};
const page = '/authorizedAccountManage/miniProgramVersion?appId=wx1';
const versions = (extra: object) =>
  ok({ serviceStatus: 1, privacyState: 0, refreshTime: 1, ...extra });

beforeEach(() => {
  server.use(
    get('/admin/dev-weapp-list', () => ok({ total: 1, records: [weapp] })),
    get('/admin/audit-quota', () => ok({ rest: 9, limit: 20, speedupRest: 1, speedupLimit: 2 })),
    get('/admin/dev-versions', () => versions({ auditInfo })),
  );
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the version page', () => {
  it('allows only what the state allows, and shows the audit id with all its digits', async () => {
    await renderApp(page);
    expect(await screen.findByText('9007199254740993')).toBeVisible();
    expect(screen.getByRole('button', { name: '撤回审核' })).toBeEnabled();
    expect(screen.getByRole('button', { name: '发布上线' })).toBeDisabled();
    expect(screen.getByRole('button', { name: '版本回退' })).toBeDisabled();
  });

  it('follows the review: the result that WeChat pushes shows by itself', async () => {
    vi.useFakeTimers({
      shouldAdvanceTime: true,
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'],
    });
    server.use(
      get('/admin/dev-weapp-list', () => ok({ total: 1, records: [{ ...weapp, auditInfo }] })),
    );
    await renderApp(page);
    expect(await screen.findByText('审核中')).toBeVisible();
    const approved = { ...auditInfo, status: 0 };
    server.use(
      get('/admin/dev-versions', () => versions({ auditInfo: approved })),
      get('/admin/dev-weapp-list', () =>
        ok({ total: 1, records: [{ ...weapp, auditInfo: approved }] }),
      ),
    );
    await vi.advanceTimersByTimeAsync(6000);
    expect(await screen.findByText('审核通过')).toBeVisible();
    expect(screen.getByRole('button', { name: '发布上线' })).toBeEnabled();
  });

  it('says so where the mini program is not developed here', async () => {
    server.use(get('/admin/dev-weapp-list', () => ok({ total: 0, records: [] })));
    await renderApp(page);
    expect(await screen.findByText('没有代开发小程序 wx1')).toBeVisible();
  });

  it('asks first, and says what WeChat refused and what to do', async () => {
    server.use(
      post('/admin/revoke-audit', () =>
        fail(1002, 'system error', {
          wx: { errcode: 87013, errmsg: 'undocode audit limit', hint: '明天再试 / try tomorrow' },
        }),
      ),
    );
    const { user } = await renderApp(page);
    await user.click(await screen.findByRole('button', { name: '撤回审核' }));
    const dialog = await screen.findByRole('dialog');
    await user.click(within(dialog).getByRole('button', { name: '撤回审核' }));
    const alert = await within(dialog).findByRole('alert');
    expect(alert).toHaveTextContent('87013');
    expect(alert).toHaveTextContent('明天再试');
  });

  it('shows reasons of a rejection as text, never as HTML', async () => {
    const reason = '1:<img src=x onerror=alert(1)>类目不符<br>2:其他';
    server.use(
      get('/admin/dev-versions', () =>
        versions({ auditInfo: { ...auditInfo, status: 1, reason } }),
      ),
    );
    const { container } = await renderApp(page);
    expect(await screen.findByText(/类目不符/)).toBeVisible();
    expect(container.querySelector('img[src="x"]')).toBeNull();
  });

  it('commits from a template, and keeps what was typed when ext.json is wrong', async () => {
    const template = {
      createTime: 1_795_000_000,
      userVersion: '1.9.0',
      userDesc: '会员储值',
      templateId: 2,
      templateType: 0,
    };
    let sent: unknown;
    server.use(
      get('/admin/template-list', () => ok({ templateList: [template] })),
      post('/admin/commit-code', async ({ request }) => {
        sent = await bodyOf(request);
        return ok();
      }),
    );
    const { user } = await renderApp(page);
    await user.click(await screen.findByRole('button', { name: '提交代码' }));
    const dialog = await screen.findByRole('dialog');
    await within(dialog).findByRole('option', { name: /会员储值/ });
    await user.selectOptions(within(dialog).getByLabelText('模板'), '2');
    const ext = within(dialog).getByLabelText('ext.json');
    await user.clear(ext);
    await user.type(ext, '[[]');
    await user.click(within(dialog).getByRole('button', { name: '提交代码' }));
    expect(await within(dialog).findByText(/JSON/, { selector: '[role=alert]' })).toBeVisible();
    expect(within(dialog).getByLabelText('版本号')).toHaveValue('1.9.0');
    await user.clear(ext);
    await user.click(within(dialog).getByRole('button', { name: '提交代码' }));
    await waitFor(() => {
      expect(sent).toEqual({
        templateId: 2,
        extJson: '{}',
        userVersion: '1.9.0',
        userDesc: '会员储值',
      });
    });
  });
});

it('checks and lays out ext.json without losing digits', () => {
  expect(checkExtJson('{')).toBe('extNotJson');
  expect(checkExtJson('[]')).toBe('extNotObject');
  expect(checkExtJson('{"a":1}')).toBeNull();
  expect(tidy('{"a":9007199254740993}')).toContain('9007199254740993');
});
