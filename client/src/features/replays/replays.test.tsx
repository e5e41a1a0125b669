import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import { bodyOf, get, ok, post, put, server } from '@/test/server';
import { renderApp } from '@/test/render';

const now = Math.floor(Date.now() / 1000);

function job(change: object) {
  return {
    jobId: '1',
    state: 'running',
    source: 'dead',
    target: 't1',
    missing: false,
    from: 0,
    to: now,
    rate: 50,
    sent: 30,
    skipped: 10,
    total: 100,
    createTime: now * 1000,
    updateTime: now * 1000,
    ...change,
  };
}

function delivery(id: string) {
  return {
    id,
    target: 't1',
    state: 'dead',
    attempts: 10,
    lastError: 'the target answered HTTP 500',
    createTime: now * 1000,
    updateTime: now * 1000,
    identity: `id-${id}`,
    channel: 'biz',
    appid: 'wx1',
    event: 'subscribe',
    receiveTime: now * 1000,
  };
}

const targets = [
  { key: 't1', name: 'crm', inForce: true, paused: false, pending: 0, dead: 2 },
  { key: 'r9', name: 'old', inForce: false, paused: false, pending: 0, dead: 1 },
  { key: 't3', name: 'well', inForce: true, paused: false, pending: 0, dead: 0 },
];

let jobs: object[];
const again: unknown[] = [];

beforeEach(() => {
  jobs = [];
  again.length = 0;
  server.use(
    get('/admin/forward-replay-list', () => ok({ jobs })),
    get('/admin/forward-destination-list', () => ok({ destinations: targets })),
    get('/admin/delivery-list', () => ok({ deliveries: [delivery('5'), delivery('4')] })),
    post('/admin/delivery-redeliver', async ({ request }) => {
      again.push(await bodyOf(request));
      return ok({ count: 1 });
    }),
  );
});

it('shows what was given up, with the reason, and sends one or some of it again', async () => {
  const { user } = await renderApp('/forwardReplay');
  const card = await screen.findByRole('region', { name: '已放弃的投递' });
  expect(await within(card).findByLabelText('转发目标')).toHaveValue('t1');
  expect(within(card).getByRole('option', { name: 'old（1 条）' })).toBeInTheDocument();
  const [first] = (await within(card).findAllByRole('row')).slice(1);
  expect(first).toHaveTextContent('the target answered HTTP 500');
  expect(within(first as HTMLElement).getByRole('link', { name: 'subscribe' })).toHaveAttribute(
    'href',
    '/developTools/message?id=id-5',
  );
  await user.click(within(first as HTMLElement).getByRole('button', { name: '重新投递' }));
  await user.click(within(card).getByRole('checkbox', { name: '选择 id-5' }));
  await user.click(within(card).getByRole('checkbox', { name: '选择 id-4' }));
  await user.click(within(card).getByRole('button', { name: '重新投递所选 2 条' }));
  await waitFor(() => {
    expect(again).toEqual([{ ids: [5] }, { ids: [5, 4] }]);
  });
});

it('sends all of a target again as a job, after asking', async () => {
  const started: unknown[] = [];
  server.use(
    put('/admin/forward-replay', async ({ request }) => {
      started.push(await bodyOf(request));
      jobs = [job({})];
      return ok({ jobId: '1' });
    }),
  );
  const { user } = await renderApp('/forwardReplay');
  await user.click(await screen.findByRole('button', { name: '全部重新投递（2 条）' }));
  const dialog = screen.getByRole('dialog');
  await user.click(within(dialog).getByRole('button', { name: '全部重新投递（2 条）' }));
  expect(await screen.findByText('40 / 100')).toBeVisible();
  expect(started).toEqual([expect.objectContaining({ source: 'dead', target: 't1' })]);
});

it('sends nothing to a target that is gone', async () => {
  await renderApp('/forwardReplay?target=r9');
  expect(await screen.findByText('目标已停用或删除')).toBeVisible();
  expect(screen.getByRole('button', { name: /全部重新投递/ })).toBeDisabled();
});

it('says how far jobs are, and cancels one', async () => {
  jobs = [
    job({
      jobId: '2',
      source: 'pushes',
      channel: 'biz',
      appid: 'wx1',
      missing: true,
      from: now - 1000,
      total: undefined,
      position: now - 750,
    }),
    job({ state: 'failed', lastError: 'why' }),
  ];
  const cancelled: unknown[] = [];
  server.use(
    post('/admin/forward-replay-cancel', async ({ request }) => {
      cancelled.push(await bodyOf(request));
      jobs = [job({ jobId: '2', state: 'cancelled' })];
      return ok();
    }),
  );
  const { user } = await renderApp('/forwardReplay');
  expect(await screen.findByText('补发推送到 crm')).toBeVisible();
  expect(screen.getByText('25 / 100')).toBeVisible();
  expect(screen.getByText(/消息与事件 · wx1 · 仅未送达的/)).toBeVisible();
  expect(screen.getByText('why')).toBeVisible();
  await user.click(screen.getByRole('button', { name: '取消' }));
  expect(await screen.findByText('已取消')).toBeVisible();
  expect(cancelled).toEqual([{ jobId: '2' }]);
});

it('starts a job by filter, after saying how much that is', async () => {
  const started: Record<string, unknown>[] = [];
  const asked: URLSearchParams[] = [];
  server.use(
    get('/admin/forward-replay-preview', ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return ok({ count: 100_000, capped: true });
    }),
    put('/admin/forward-replay', async ({ request }) => {
      started.push(await bodyOf(request));
      return ok({ jobId: '1' });
    }),
  );
  const { user } = await renderApp('/forwardReplay');
  await user.click(await screen.findByRole('button', { name: '新建任务' }));
  const dialog = await screen.findByRole('dialog', { name: '新建重新投递任务' });
  await user.click(within(dialog).getByRole('button', { name: '开始' }));
  expect(await within(dialog).findByText('请选择转发目标')).toBeVisible();
  const choice = within(dialog).getByLabelText('投递到');
  expect(within(choice).queryByRole('option', { name: 'old' })).not.toBeInTheDocument();
  await user.selectOptions(choice, 'well');
  await user.type(within(dialog).getByLabelText('账号 AppID'), 'wx1');
  expect(await within(dialog).findByText(/将检查 100,000\+ 条/)).toBeVisible();
  await user.clear(within(dialog).getByLabelText('每秒条数'));
  await user.type(within(dialog).getByLabelText('每秒条数'), '5');
  await user.click(within(dialog).getByRole('button', { name: '开始' }));
  expect(await screen.findByText('任务已开始')).toBeVisible();
  expect(asked.at(-1)?.get('channel')).toBe('biz');
  expect(started[0]).toMatchObject({
    source: 'pushes',
    target: 't3',
    channel: 'biz',
    appid: 'wx1',
    missing: true,
    rate: 5,
  });
  expect(Math.abs(Number(started[0]?.['from']) - (now - 86_400))).toBeLessThan(120);
});
