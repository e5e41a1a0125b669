import { screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { renderApp } from '@/test/render';
import { bodyOf, fail, get, ok, post, server } from '@/test/server';
import { refusal } from './media';

const category = {
  firstClass: '工具',
  secondClass: '备忘录',
  thirdClass: '',
  firstId: 591,
  secondId: 595,
  thirdId: 0,
};

beforeEach(() => {
  server.use(
    get('/admin/category', () => ok({ categoryList: [category] })),
    get('/admin/page-list', () => ok({ pageList: ['pages/index/index'] })),
    get('/admin/dev-weapp-list', () => ok({ total: 0, records: [] })),
    get('/admin/audit-quota', () => fail(1002, 'system error')),
    get('/admin/dev-versions', () => ok({ serviceStatus: 1, privacyState: 0, refreshTime: 1 })),
  );
});

async function open() {
  const app = await renderApp('/authorizedAccountManage/submitAudit?appId=wx1');
  await screen.findByRole('option', { name: '工具 / 备忘录' });
  const submit = () => app.user.click(screen.getByRole('button', { name: '提交审核' }));
  return { ...app, submit };
}

describe('submitting for audit', () => {
  it('checks before it sends', async () => {
    const { submit } = await open();
    await submit();
    expect(await screen.findByText('请选择类目', { selector: '[role=alert]' })).toBeVisible();
  });

  it('puts a refusal on its field and keeps what was typed', async () => {
    server.use(
      post('/admin/submit-audit', () =>
        fail(1001, 'title is not allowed', { field: 'itemList[0].title' }),
      ),
    );
    const { user, submit } = await open();
    await user.selectOptions(screen.getByLabelText('类目'), '0');
    await user.type(screen.getByLabelText('标题'), '首页');
    await submit();
    expect(await screen.findByText('title is not allowed')).toBeVisible();
    expect(screen.getByLabelText('标题')).toHaveValue('首页');
    expect(screen.getByLabelText('标题')).toHaveAttribute('aria-invalid', 'true');
  });

  it('sends the category with its ids and returns to the versions', async () => {
    let sent: Record<string, unknown> = {};
    server.use(
      post('/admin/submit-audit', async ({ request }) => {
        sent = await bodyOf(request);
        return ok({ auditId: 1, auditIdText: '9007199254740993' });
      }),
    );
    const { user, submit, where } = await open();
    await user.selectOptions(screen.getByLabelText('类目'), '0');
    await user.type(screen.getByLabelText('标签'), '点单，外卖');
    await submit();
    expect(await screen.findByText(/9007199254740993/)).toBeVisible();
    expect(sent.itemList).toEqual([{ ...category, address: '', title: '', tag: '点单 外卖' }]);
    await waitFor(() => {
      expect(where()).toBe('/authorizedAccountManage/miniProgramVersion?appId=wx1');
    });
  });
});

it('refuses files that WeChat would not take', () => {
  const file = (type: string, size: number) => {
    const made = new File([], 'x', { type });
    Object.defineProperty(made, 'size', { value: size });
    return made;
  };
  expect(refusal('pictures', file('image/webp', 1))).toBe('kind');
  expect(refusal('pictures', file('image/png', 3 * 1024 * 1024))).toBe('size');
  expect(refusal('feedback', file('image/png', 3 * 1024 * 1024))).toBeNull();
  expect(refusal('videos', file('video/mp4', 3 * 1024 * 1024))).toBeNull();
});
