import type { Page } from '@playwright/test';
import { dialog, expect, expectSound, test, unique } from './story';

/** Loads the page until it follows the stream, which it gives up when nothing comes for a while. */
async function follow(page: Page): Promise<void> {
  const live = page.getByText('实时', { exact: true });
  const polling = page.getByText('每 3 秒刷新', { exact: true });
  await expect(live.or(polling)).toBeVisible();
  while (await polling.isVisible()) {
    await page.reload();
    await expect(live.or(polling)).toBeVisible();
  }
}

test('an event appears while one watches', async ({ loggedIn: page, demo }) => {
  const name = unique('story_');
  const account = await demo.authorized('official');
  await page.goto(`/#/developTools/message?tab=biz&event=${name}`);
  await follow(page);
  await demo.simulate('push', { appid: account.appid, msgType: 'event', event: name });
  await expect(page.getByRole('table').getByText(name)).toBeVisible();
});

test('a message id beyond 2^53 keeps its digits', async ({ loggedIn: page, demo }) => {
  const account = await demo.authorized('official');
  const msgType = unique('story_');
  const msgId = '9007199254740993';
  // By hand: a number of JavaScript would lose the last digit on its way to the simulator.
  const raw =
    `<xml><ToUserName><![CDATA[gh_story]]></ToUserName><FromUserName><![CDATA[o-story]]></FromUserName>` +
    `<CreateTime>${Math.floor(Date.now() / 1000)}</CreateTime><MsgType><![CDATA[${msgType}]]></MsgType>` +
    `<Content><![CDATA[长编号 😊]]></Content><MsgId>${msgId}</MsgId></xml>`;
  await demo.simulate('push', { channel: 'biz', appid: account.appid, raw });
  await page.goto(`/#/developTools/message?tab=biz&msgType=${msgType}`);
  await page.getByRole('table').getByText(msgType).first().click();
  const drawer = dialog(page);
  await expect(drawer.getByText(msgId)).toBeVisible();
  await expect(drawer.getByText('长编号 😊')).toBeVisible();
  await expectSound(page);
});
