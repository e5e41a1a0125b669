import { expect } from '@playwright/test';
import type { Demo } from './demo';
import { Receiver } from './receiver';

const kinds = {
  msgType: ['image', 'voice', 'video', 'location', 'link', 'miniprogrampage'],
  event: ['CLICK', 'VIEW', 'SCAN', 'subscribe', 'unsubscribe', 'user_enter_tempsession'],
};

interface Made {
  id: number;
}

/**
 * Gives the service something to show on every page. Names are in no language, so that pages can be
 * searched for Chinese ones. Returns what ends it.
 */
export async function fill(demo: Demo): Promise<() => void> {
  const { appid } = await demo.authorized('official');
  await Promise.all([pushes(demo, appid), release(demo), link(demo), review(demo)]);
  return forwarding(demo, appid);
}

/** Messages and events of each kind. */
async function pushes(demo: Demo, appid: string): Promise<void> {
  const push = (spec: object) => demo.simulate('push', { appid, ...spec });
  await push({ content: '你好，请问今天营业到几点？😊' });
  for (const msgType of kinds.msgType) await push({ msgType });
  for (const event of kinds.event) await push({ event });
}

/** A release check that passed. */
async function release(demo: Demo): Promise<void> {
  const { passed } = await demo.simulate<{ passed: boolean }>('releasecheck', { group: 1 });
  if (!passed) throw new Error('the release check failed');
}

/** A link for a merchant, and an account that came by none. */
async function link(demo: Demo): Promise<void> {
  await demo.call('PUT', '/admin/auth-link', { name: 'shop 1', state: 'tenant-1', validDays: 7 });
}

/** A mini program that is being reviewed. */
async function review(demo: Demo): Promise<void> {
  const { appid } = await demo.authorized('miniprogram');
  await demo.submitted(appid, 1, '1.8.0');
}

/** A rule with two targets, of which one has not taken what it was sent; and a replay of it. */
async function forwarding(demo: Demo, appid: string): Promise<() => void> {
  const receivers = [new Receiver(), new Receiver()] as const;
  const [well, unwell] = receivers;
  unwell.broken = true;
  await Promise.all(receivers.map((receiver) => receiver.start()));
  const target = (name: string, { port }: Receiver) =>
    demo.call<Made>('PUT', '/admin/forward-target', { name, port, path: '/in', pauses: [1] });
  const made = [await target('well', well), await target('unwell', unwell)] as const;
  const event = 'filled';
  await demo.call('PUT', '/admin/forward-rule', {
    name: 'to both',
    open: true,
    targets: made.map(({ id }) => id),
    conditions: { event },
  });
  for (const openid of ['o-1', 'o-2']) await demo.simulate('push', { appid, event, openid });
  await expect.poll(() => demo.deliveries(made[0].id, 'delivered')).toBe(2);
  await expect.poll(() => demo.deliveries(made[1].id, 'dead')).toBe(2);
  const replay = { source: 'pushes', target: `t${made[0].id}`, channel: 'biz', rate: 1000 };
  const now = Math.floor(Date.now() / 1000);
  await demo.call('PUT', '/admin/forward-replay', { ...replay, from: now - 3600, to: now });
  return () => {
    for (const receiver of receivers) receiver.stop();
  };
}
