import { expect, test } from './story';

test('a merchant’s page is light: few requests, below 100 kB of script and style @phone', async ({
  page,
}) => {
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  const types = new Map<string, string>();
  const pending = new Set<string>();
  let bytes = 0;
  let requests = 0;
  client.on('Network.requestWillBeSent', ({ requestId, type }) => {
    types.set(requestId, type ?? '');
    pending.add(requestId);
  });
  client.on('Network.loadingFailed', ({ requestId }) => pending.delete(requestId));
  client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    pending.delete(requestId);
    requests++;
    if (/Script|Stylesheet/.test(types.get(requestId) ?? '')) bytes += encodedDataLength;
  });
  await page.goto('/#/authorizeH5');
  await expect(page.getByRole('button', { name: '前往授权' })).toBeVisible();
  await expect.poll(() => [...pending]).toEqual([]);
  expect(bytes).toBeGreaterThan(10_000); // the count works
  expect(bytes).toBeLessThan(100_000);
  expect(requests).toBeLessThanOrEqual(12);
});
