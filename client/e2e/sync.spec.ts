import { expect, expectSound, test } from './story';

const list = '/cgi-bin/component/api_get_authorizer_list';
const info = '/cgi-bin/component/api_get_authorizer_info';

test('a sync shows how far it is, can be stopped, and tells what failed', async ({
  loggedIn: page,
  demo,
}) => {
  const account = await demo.authorized('miniprogram');
  // Nobody answers, so that this many take longer than any story may.
  await demo.simulate('accounts', { count: 500, authorized: true });
  await page.goto('/#/authorizedAccountManage');
  const sync = page.getByRole('region', { name: '与微信同步' });

  await demo.simulate('faults', { path: info, hang: true });
  await sync.getByRole('button', { name: '同步' }).click();
  await expect(sync.getByRole('progressbar')).toBeVisible();
  await expect(sync.getByText(/^\d+ \/ \d+$/)).toBeVisible();
  await expectSound(page);
  await sync.getByRole('button', { name: '停止' }).click();
  await expect(sync.getByText('已停止')).toBeVisible();
  await demo.clearFaults();

  await demo.simulate('faults', { path: info, appid: account.appid, errcode: 61007 });
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

test('a list that cannot be read ends the sync with its reason', async ({
  loggedIn: page,
  demo,
}) => {
  await page.goto('/#/authorizedAccountManage');
  const sync = page.getByRole('region', { name: '与微信同步' });
  await demo.simulate('faults', { path: list, errcode: 48001 });
  await sync.getByRole('button', { name: '同步' }).click();
  await expect(sync.getByText('失败', { exact: true })).toBeVisible();
  await sync.getByText(/条失败原因/).click();
  await expect(sync.getByRole('listitem').filter({ hasText: '48001' })).toBeVisible();
});
