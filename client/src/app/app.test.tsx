import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { get, ok, server } from '@/test/server';
import { renderApp } from '@/test/render';

beforeEach(() => {
  server.use(
    get('/admin/version', () =>
      ok({ version: 'v9', commit: 'abc', goVersion: 'go1', buildTime: 't', database: 'SQLite' }),
    ),
  );
});

describe('the frame', () => {
  it('marks the page that is open and names it in the title', async () => {
    await renderApp('/systemVersion');
    expect(await screen.findByText('v9')).toBeVisible();
    const [menu] = screen.getAllByRole('navigation', { name: '菜单' });
    expect(within(menu as HTMLElement).getByRole('link', { name: '系统版本' })).toHaveAttribute(
      'aria-current',
      'page',
    );
    expect(document.title).toBe('系统版本 · 微管家 wxcomponent');
  });

  it('speaks English on demand, and remembers it', async () => {
    const { user } = await renderApp('/systemVersion');
    await user.click(await screen.findByRole('button', { name: '语言 / Language' }));
    await user.click(screen.getByRole('menuitemradio', { name: 'English' }));
    expect(await screen.findByRole('heading', { name: 'Version' })).toBeVisible();
    expect(document.documentElement.lang).toBe('en');
    expect(localStorage.getItem('wxcomponent.language')).toBe('en');
  });

  it('goes dark on demand', async () => {
    const { user } = await renderApp('/systemVersion');
    await user.click(await screen.findByRole('button', { name: '外观' }));
    await user.keyboard('{ArrowDown}{Enter}');
    expect(document.documentElement).toHaveAttribute('theme-mode', 'dark');
  });

  it('lets the keyboard skip the menu', async () => {
    const { user } = await renderApp('/systemVersion');
    await screen.findByText('v9');
    await user.tab();
    expect(screen.getByRole('button', { name: '跳到正文' })).toHaveFocus();
    await user.keyboard('{Enter}');
    expect(screen.getByRole('main')).toHaveFocus();
  });

  it('opens the menu as a panel on phones and closes it on the way', async () => {
    const { user, where } = await renderApp('/systemVersion');
    await user.click(await screen.findByRole('button', { name: '打开菜单' }));
    const panel = screen.getByRole('dialog', { name: '菜单' });
    await user.click(within(panel).getByRole('link', { name: '账号密码' }));
    await waitFor(() => {
      expect(where()).toBe('/passwordManage');
    });
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });
});

describe('addresses', () => {
  it('an unknown one gets a page that says so', async () => {
    await renderApp('/noSuchPage');
    expect(await screen.findByRole('heading', { name: '找不到该页面' })).toBeVisible();
    expect(screen.getByText(/\/noSuchPage/)).toBeVisible();
  });

  it.each([
    ['/', '/home'],
    ['/developTools', '/developTools/message'],
  ])('%s leads to %s', async (from, to) => {
    server.use(get('/admin/*', () => ok({ total: 0, records: [] })));
    const { where } = await renderApp(from);
    await waitFor(() => {
      expect(where()).toBe(to);
    });
  });
});
