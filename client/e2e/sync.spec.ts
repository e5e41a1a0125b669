import { authorized, clearFaults, expect, expectSound, simulate, test } from './story';

const list = '/cgi-bin/component/api_get_authorizer_list';
const info = '/cgi-bin/component/api_get_authorizer_info';

test.afterEach(clearFaults);

test('a sync shows how far it is, can be stopped, and tells what failed', async ({
  loggedIn: page,
}) => {
  const account = await authorized('miniprogram');
  await simulate('accounts', { count: 100, authorized: true }); // so that it takes a while
  await page.goto('/#/authorizedAccountManage');
  const sync = page.getByRole('region', { name: '与微信同步' });

  await simulate('faults', { path: info, delay: '3s' });
  await sync.getByRole('button', { name: '同步' }).click();
  await expect(sync.getByRole('progressbar')).toBeVisible();
  await expect(sync.getByText(/^\d+ \/ \d+$/)).toBeVisible();
  await expectSound(page);
  await sync.getByRole('button', { name: '停止' }).click();
  await expect(sync.getByText('已停止')).toBeVisible();
  await clearFaults();

  await simulate('faults', { path: info, appid: account.appid, errcode: 61007 });
  await sync.getByRole('button', { name: '同步' }).click();
  await expect(sync.getByText('已完成')).toBeVisible();
  await sync.getByText(/条失败原因/).click();
  await expect(sync.getByRole('listitem').filter({ hasText: account.appid })).toContainText(
    '61007',
  );
  await expectSound(page);

  // The account that failed is still there.
  await page.goto(`/#/authorizedAccountManage?search=${account.appid}`);
  await expect(page.getByRole('button', { name: account.nickName, exact: true })).toBeVisible();
});

test('a list that cannot be read ends the sync with its reason', async ({ loggedIn: page }) => {
  await page.goto('/#/authorizedAccountManage');
  const sync = page.getByRole('region', { name: '与微信同步' });
  await simulate('faults', { path: list, errcode: 48001 });
  await sync.getByRole('button', { name: '同步' }).click();
  await expect(sync.getByText('失败', { exact: true })).toBeVisible();
  await sync.getByText(/条失败原因/).click();
  await expect(sync.getByRole('listitem').filter({ hasText: '48001' })).toBeVisible();
});
