import type { Page } from '@playwright/test';
import { dialog, expect, test } from './story';

/** Presses Tab until the focus is on something of this name. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    const label = (await focused.getAttribute('aria-label')) ?? (await focused.innerText());
    if (label.trim() === name) return;
  }
  throw new Error(`Tab never comes to ${name}`);
}

const inside = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null);

test('the keyboard skips the menu, keeps to a dialog, and comes back from it', async ({
  loggedIn: page,
}) => {
  await page.goto('/#/authPageManage');
  await expect(page.getByRole('button', { name: '生成链接' }).first()).toBeVisible();
  await page.locator('body').press('Tab');
  await tabTo(page, '生成链接');
  await page.keyboard.press('Enter');
  const form = dialog(page, '生成链接');
  await expect(form.getByLabel('名称', { exact: true })).toBeFocused();

  const stops = await form.locator('button, input, select, summary').count();
  for (let presses = 0; presses < stops + 3; presses++) {
    await page.keyboard.press('Tab');
    expect(await inside(page)).toBe(true);
  }
  for (let presses = 0; presses < stops + 3; presses++) {
    await page.keyboard.press('Shift+Tab');
    expect(await inside(page)).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(form).toBeHidden();
  await expect(page.getByRole('button', { name: '生成链接' }).first()).toBeFocused();
});

test('a drawer opens and closes by keyboard, and the list has the focus again', async ({
  loggedIn: page,
}) => {
  await page.goto('/#/authorizedAccountManage?sort=name');
  const name = page.getByRole('table').getByRole('button').first();
  const nickName = await name.innerText();
  await name.focus();
  await page.keyboard.press('Enter');
  const drawer = dialog(page, nickName);
  await expect(drawer.getByText('AppID', { exact: true })).toBeVisible();
  expect(await inside(page)).toBe(true);
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
  await expect(name).toBeFocused();
});

test('on a phone the menu opens, leads on and closes @phone', async ({
  loggedIn: page,
  isMobile,
}) => {
  test.skip(!isMobile, 'the menu is always there');
  await page.goto('/#/home');
  await page.getByRole('button', { name: '打开菜单' }).click();
  const menu = dialog(page);
  await menu.getByRole('link', { name: '系统版本' }).click();
  await expect(menu).toBeHidden();
  await expect(page.getByRole('heading', { name: '系统版本' })).toBeVisible();
});
