import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, del, fail, get, ok, post, put, server } from '@/test/server';
import { renderApp } from '@/test/render';

const start = 1_795_000_000;

function event(id: number, infoType = 'authorized') {
  const preview = `<xml><N>${id}</N></xml>`;
  return {
    channel: 'component',
    id,
    receiveTime: start + id,
    createTime: start,
    infoType,
    preview,
  };
}

function message(id: number) {
  return {
    channel: 'biz',
    id,
    receiveTime: start + id,
    createTime: start + id - 1,
    appid: 'wx1',
    toUserName: 'gh_1',
    msgType: 'text',
    preview: `{"Content":"message ${id}"}`,
  };
}

/** A push in full. */
function inFull(id: number) {
  const text = `{"Content":"it's ${id}","MsgId":2400000000000000${id}}`;
  return {
    ...message(id),
    postBody: text,
    json: text.replace(/(24\d+)/, '"$1"'),
    identity: `6afd-${id}`,
    headers: [
      { name: 'Content-Type', value: 'text/xml' },
      { name: 'Webhook-Id', value: `6afd-${id}` },
    ],
  };
}

/** What the list answers; each story says. */
function answerList(answer: (query: URLSearchParams) => object) {
  const asked: URLSearchParams[] = [];
  server.use(
    get('/admin/push-list', ({ request }) => {
      const query = new URL(request.url).searchParams;
      asked.push(query);
      return ok(answer(query));
    }),
  );
  return asked;
}

/** A stream into which the test pushes events. */
function answerStream() {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  server.use(
    get('/admin/push-stream', () => {
      const body = new ReadableStream<Uint8Array>({
        start(c) {
          controller = c;
          c.enqueue(encoder.encode(': keep-alive\n\n'));
        },
      });
      return new HttpResponse(body, { headers: { 'Content-Type': 'text/event-stream' } });
    }),
  );
  return (...records: unknown[]) => {
    controller?.enqueue(encoder.encode(`data: ${JSON.stringify({ channel: '', records })}\n\n`));
  };
}

function destinations(...names: string[]) {
  const list = names.map((name, at) => ({
    key: `t${at + 1}`,
    name,
    inForce: true,
    paused: false,
    pending: 0,
    dead: 0,
  }));
  server.use(get('/admin/forward-destination-list', () => ok({ destinations: list })));
}

async function rows(): Promise<HTMLElement[]> {
  const table = await screen.findByRole('table', { name: '消息查看' });
  return within(table).getAllByRole('row').slice(1);
}

beforeEach(() => {
  destinations('crm', 'erp');
  server.use(
    get('/admin/push-state-list', () => ok({ states: [] })),
    get('/admin/saved-view-list', () => ok({ views: [] })),
    get('/admin/push-pulse', () =>
      ok({
        perSecond: 2.5,
        delivered: 98,
        failed: 2,
        medianMs: 10,
        p95Ms: 40,
        pending: 3,
        dead: 10_001,
        pendingFrom: Date.now() - 60_000,
      }),
    ),
    get('/admin/push-series', ({ request }) => {
      const from = Number(new URL(request.url).searchParams.get('from'));
      const step = Number(new URL(request.url).searchParams.get('step'));
      return ok({
        step,
        series: [
          { channel: 'component', points: [[from, 2]] },
          { channel: 'biz', points: [[from, 40]] },
        ],
      });
    }),
  );
});

describe('the list of all pushes', () => {
  it('shows both kinds, newest first, named in words', async () => {
    answerStream();
    const asked = answerList(() => ({
      records: [message(3), event(2), event(1, 'some_new_type')],
    }));
    await renderApp('/developTools/message');
    const [first, second, third] = await rows();
    expect(first).toHaveTextContent('文本消息text');
    expect(first).toHaveTextContent('Content: message 3');
    expect(second).toHaveTextContent('授权成功authorized');
    expect(third).toHaveTextContent('some_new_type');
    expect(asked[0]?.get('channel')).toBeNull();
    expect(screen.getByRole('tab', { name: '全部' })).toHaveAttribute('aria-selected', 'true');
  });

  it.each([
    ['?tab=biz&event=subscribe&appid=wx1', { channel: 'biz', event: 'subscribe', appid: 'wx1' }],
    ['?tab=component&infoType=authorized', { channel: 'component', infoType: 'authorized' }],
    ['?infoType=authorized', { channel: 'component', infoType: 'authorized' }],
    ['?range=custom&from=100&to=200', { channel: null, startTime: '100', endTime: '200' }],
    ['?kind=text&text=hi&event=left', { channel: null, kind: 'text', text: 'hi', event: null }],
    ['?outcome=dead&target=t1&tab=biz', { channel: 'biz', outcome: 'dead', target: 't1' }],
    ['?id=biz-1&outcome=wrong', { id: 'biz-1', outcome: null }],
  ])('asks the service what the address %s says', async (search, want) => {
    answerStream();
    const asked = answerList(() => ({ records: [] }));
    await renderApp(`/developTools/message${search}`);
    expect(await screen.findByText('没有符合条件的推送')).toBeVisible();
    for (const [name, value] of Object.entries(want)) {
      expect([name, asked[0]?.get(name)]).toEqual([name, value]);
    }
  });

  it('puts on top what arrives, once, and only what the filter lets through', async () => {
    const arrive = answerStream();
    answerList(() => ({ records: [event(1)] }));
    await renderApp('/developTools/message?infoType=authorized');
    await screen.findByText('实时');
    arrive(event(2), event(1), event(3, 'unauthorized'), { ...message(2) });
    arrive(event(2));
    await waitFor(async () => {
      expect(await rows()).toHaveLength(2);
    });
    expect((await rows())[0]).toHaveTextContent('N: 2');
  });

  it('keeps pushes of both kinds with the same number apart', async () => {
    const arrive = answerStream();
    answerList(() => ({ records: [message(1)] }));
    await renderApp('/developTools/message');
    await screen.findByText('实时');
    arrive({ ...event(1), receiveTime: start + 1 });
    await waitFor(async () => {
      expect(await rows()).toHaveLength(2);
    });
    expect((await rows())[0]).toHaveTextContent('message 1');
  });

  it('lets new ones wait while the reader is further down', async () => {
    const arrive = answerStream();
    answerList(() => ({ records: [message(1)] }));
    const { user } = await renderApp('/developTools/message?tab=biz');
    await screen.findByText('实时');
    window.scrollY = 2000;
    window.dispatchEvent(new Event('scroll'));
    arrive(message(3), message(2));
    const pill = await screen.findByRole('button', { name: '2 条新消息' });
    await user.click(pill);
    window.scrollY = 0;
    window.dispatchEvent(new Event('scroll'));
    await waitFor(async () => {
      expect(await rows()).toHaveLength(3);
    });
    expect(screen.queryByRole('button', { name: /条新消息/ })).not.toBeInTheDocument();
  });

  it('goes on behind the cursor and never shows a row twice', async () => {
    answerStream();
    answerList((query) =>
      query.get('cursor') === 'c1'
        ? { records: [message(2), message(1)] }
        : { records: [message(3), message(2)], nextCursor: 'c1' },
    );
    const { user } = await renderApp('/developTools/message?tab=biz');
    await user.click(await screen.findByRole('button', { name: '加载更早的' }));
    await waitFor(async () => {
      expect(await rows()).toHaveLength(3);
    });
    expect(screen.queryByRole('button', { name: '加载更早的' })).not.toBeInTheDocument();
    expect(screen.getByText('共 3 条')).toBeVisible();
  });

  it('says how far a search has come that ended early, and goes on with it', async () => {
    answerStream();
    answerList((query) =>
      query.get('cursor') === 'c1'
        ? { records: [message(1)] }
        : { records: [], nextCursor: 'c1', searchedTo: start },
    );
    const { user } = await renderApp('/developTools/message?text=needle&zone=utc');
    expect(await screen.findByText(/已搜索到 2026-11-18 \d\d:\d\d:\d\d/)).toBeVisible();
    expect(screen.queryByText('没有符合条件的推送')).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: '继续搜索更早的' }));
    expect(await rows()).toHaveLength(1);
  });

  it('keeps the filter in the address', async () => {
    answerStream();
    const asked = answerList(() => ({ records: [] }));
    const { user, where } = await renderApp('/developTools/message?tab=biz&event=subscribe');
    await user.type(await screen.findByLabelText('AppID'), 'wxabc{Enter}');
    await waitFor(() => {
      expect(asked.at(-1)?.get('appid')).toBe('wxabc');
    });
    await user.selectOptions(screen.getByLabelText('转发结果'), '已放弃');
    await user.selectOptions(await screen.findByLabelText('转发目标'), 'erp');
    expect(where()).toBe(
      '/developTools/message?tab=biz&event=subscribe&appid=wxabc&outcome=dead&target=t2',
    );
    await user.click(screen.getByRole('radio', { name: '1 小时' }));
    await waitFor(() => {
      const from = Number(asked.at(-1)?.get('startTime'));
      expect(Math.abs(Date.now() / 1000 - 3600 - from)).toBeLessThan(60);
    });
  });

  it('says why a list cannot be shown and tries again', async () => {
    answerStream();
    server.use(get('/admin/push-list', () => fail(1002, 'system error')));
    const { user } = await renderApp('/developTools/message');
    expect(await screen.findByRole('alert')).toHaveTextContent('系统错误');
    answerList(() => ({ records: [event(1)] }));
    await user.click(screen.getByRole('button', { name: '重试' }));
    expect(await rows()).toHaveLength(1);
  });

  it('stops following on demand', async () => {
    const arrive = answerStream();
    answerList(() => ({ records: [event(1)] }));
    const { user } = await renderApp('/developTools/message');
    await screen.findByText('实时');
    await user.click(screen.getByRole('button', { name: '暂停' }));
    expect(screen.getByText('已暂停')).toBeVisible();
    arrive(event(2));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await rows()).toHaveLength(1);
  });

  it('says what became of each, and how all of it goes', async () => {
    answerStream();
    answerList(() => ({ records: [message(2), message(1)] }));
    const none = { pending: 0, delivered: 0, dead: 0, cancelled: 0, calls: 0, failed: 0 };
    server.use(
      get('/admin/push-state-list', ({ request }) => {
        expect(new URL(request.url).searchParams.get('ids')).toBe('biz-2,biz-1');
        return ok({
          states: [
            { ...none, id: 'biz-2', pending: 1, calls: 2, failed: 2 },
            { ...none, id: 'biz-1', delivered: 2, calls: 2 },
          ],
        });
      }),
    );
    const { user, where } = await renderApp('/developTools/message');
    expect(await screen.findByText('重试中 1')).toBeVisible();
    expect(screen.getByText('已送达 2')).toBeVisible();
    expect(screen.getByText('98%')).toBeVisible();
    expect(screen.getByText('10,000+')).toBeVisible();
    await user.click(screen.getByRole('button', { name: /已放弃.*需要重新投递/ }));
    expect(where()).toBe('/developTools/message?outcome=dead');
  });

  it('zooms into a part of the histogram by keys, and back out', async () => {
    answerStream();
    answerList(() => ({ records: [] }));
    // jsdom lays nothing out; the chart needs a width.
    Object.defineProperty(HTMLElement.prototype, 'clientWidth', {
      configurable: true,
      value: 800,
    });
    const { user, where } = await renderApp('/developTools/message?range=1h');
    const chart = await screen.findByRole('group', { name: '选择时间段' });
    chart.focus();
    await user.keyboard('{ArrowRight}{ArrowRight}{Shift>}{ArrowRight}{ArrowRight}{/Shift}{Enter}');
    const query = new URLSearchParams(where().split('?')[1]);
    expect(query.get('range')).toBe('custom');
    expect(Number(query.get('to')) - Number(query.get('from'))).toBe(3 * 60 - 1);
    await user.click(await screen.findByRole('button', { name: '恢复时间范围' }));
    expect(where()).toBe('/developTools/message');
  });
});

describe('one push', () => {
  beforeEach(() => {
    answerStream();
    answerList(() => ({ records: [message(8), message(7)] }));
    server.use(
      get('/admin/push', ({ request }) => {
        const id = Number(new URL(request.url).searchParams.get('id'));
        return id < 9 ? ok(inFull(id)) : fail(1001, 'id: there is no push', { field: 'id' });
      }),
      get('/admin/push-deliveries', () => ok({ identity: 'x', deliveries: [], attempts: [] })),
    );
  });

  it('opens by its link, with long ids in full, and leads to its neighbours', async () => {
    const { user, where } = await renderApp('/developTools/message?open=biz-7');
    const dialog = await screen.findByRole('dialog', { name: /文本消息/ });
    expect(await within(dialog).findByText('24000000000000007')).toBeVisible();
    expect(within(dialog).getByText('6afd-7')).toBeVisible();
    await waitFor(() => {
      expect(within(dialog).getByRole('button', { name: /上一条/ })).toBeEnabled();
    });
    await user.keyboard('k');
    expect(await screen.findByText('24000000000000008')).toBeVisible();
    expect(where()).toBe('/developTools/message?open=biz-8');
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(where()).toBe('/developTools/message');
  });

  it('is not released unseen when it is of another account', async () => {
    let released: unknown;
    server.use(
      get('/admin/push', () => ok({ ...inFull(7), held: released ? 'released' : 'waiting' })),
      post('/admin/push-release', async ({ request }) => {
        released = await request.json();
        return ok();
      }),
    );
    const { user } = await renderApp('/developTools/message?open=biz-7');
    const dialog = within(await screen.findByRole('dialog'));
    expect(await dialog.findByText(/属于另一个已知账号/)).toBeVisible();
    await user.click(dialog.getByRole('button', { name: '放行' }));
    expect(await dialog.findByText(/已有人放行/)).toBeVisible();
    expect(released).toEqual({ id: 7 });
  });

  it('says that there is none', async () => {
    await renderApp('/developTools/message?open=biz-9');
    const dialog = await screen.findByRole('dialog', { name: 'biz-9' });
    expect(await within(dialog).findByRole('alert')).toBeVisible();
  });

  it('copies a command that posts it', async () => {
    const { user } = await renderApp('/developTools/message?open=biz-7');
    await user.click(await screen.findByRole('button', { name: '复制为 curl' }));
    const dialog = within(screen.getByRole('dialog', { name: '复制为 curl 命令' }));
    const url = dialog.getByLabelText('目标地址');
    await user.clear(url);
    await user.click(url);
    await user.paste('http://localhost/in');
    await user.click(dialog.getByRole('radio', { name: 'JSON' }));
    await user.click(dialog.getByRole('button', { name: '复制命令' }));
    const command = await navigator.clipboard.readText();
    expect(command).toContain("curl -X POST 'http://localhost/in'");
    expect(command).toContain("-H 'Content-Type: application/json; charset=utf-8'");
    expect(command).toContain(`it'\\''s 7","MsgId":"24000000000000007"`);
  });

  it('shows its way to each target, and sends it again', async () => {
    const attempt = {
      id: '1',
      deliveryId: '5',
      target: 't1',
      time: start * 1000,
      durationMs: 1234,
      ok: false,
      status: 500,
      error: 'the target answered HTTP 500',
      answer: 'oops',
      cause: 'push',
      attempt: 3,
    };
    const delivery = {
      id: '5',
      target: 't1',
      state: 'pending',
      attempts: 3,
      nextTime: Date.now() + 90_000,
      lastError: 'the target answered HTTP 500',
    };
    const again: unknown[] = [];
    server.use(
      get('/admin/push-deliveries', () =>
        ok({
          identity: 'x',
          deliveries: again.length > 0 ? [{ ...delivery, state: 'delivered' }] : [delivery],
          attempts:
            again.length > 0
              ? [
                  { ...attempt, id: '2', ok: true, status: 200, error: '', cause: 'manual' },
                  attempt,
                ]
              : [attempt],
        }),
      ),
      post('/admin/delivery-redeliver', async ({ request }) => {
        again.push(await bodyOf(request));
        return ok({ count: 1 });
      }),
    );
    const { user } = await renderApp('/developTools/message?open=biz-7');
    await user.click(await screen.findByRole('tab', { name: '投递记录' }));
    const target = await screen.findByRole('region', { name: 'crm' });
    expect(target).toHaveTextContent('等待投递');
    expect(target).toHaveTextContent(/1分钟 ?\d+秒后重试/);
    expect(target).toHaveTextContent('HTTP 500第 3 次自动');
    expect(target).toHaveTextContent('1,234 ms');
    await user.click(within(target).getByText('应答内容'));
    expect(within(target).getByText('oops')).toBeVisible();
    await user.click(within(target).getByRole('button', { name: '立即投递' }));
    expect(await within(target).findByText('HTTP 200')).toBeVisible();
    expect(target).toHaveTextContent('手动');
    expect(again).toEqual([{ ids: [5] }]);
  });

  it('goes to targets of the reader’s choice, also with others', async () => {
    const sent: unknown[] = [];
    server.use(
      post('/admin/push-send', async ({ request }) => {
        sent.push(await bodyOf(request));
        return ok({ count: 4 });
      }),
    );
    const { user } = await renderApp('/developTools/message');
    await user.click(await screen.findByRole('checkbox', { name: '选择 biz-7' }));
    await user.click(screen.getByRole('checkbox', { name: '选择已加载的全部' }));
    expect(screen.getByText('已选 2 条')).toBeVisible();
    await user.click(screen.getByRole('button', { name: '重新投递到…' }));
    const dialog = await screen.findByRole('dialog', { name: '重新投递 2 条推送' });
    expect(within(dialog).getByRole('button', { name: '重新投递' })).toBeDisabled();
    await user.click(await within(dialog).findByRole('checkbox', { name: 'crm' }));
    await user.click(within(dialog).getByRole('checkbox', { name: 'erp' }));
    await user.click(within(dialog).getByRole('button', { name: '创建 4 个投递' }));
    expect(await screen.findByText('已创建 4 个投递')).toBeVisible();
    expect(sent).toEqual([{ channel: 'biz', ids: [8, 7], targets: ['t1', 't2'] }]);
    expect(screen.queryByText('已选 2 条')).not.toBeInTheDocument();
  });

  it('can be reached by keys alone', async () => {
    const { user } = await renderApp('/developTools/message');
    await rows();
    await user.keyboard('j');
    expect(document.activeElement?.closest('tr')).toHaveAttribute('aria-rowindex', '2');
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement?.closest('tr')).toHaveAttribute('aria-rowindex', '3');
    await user.keyboard('{Enter}');
    expect(await screen.findByText('24000000000000007')).toBeVisible();
    await user.keyboard('{Escape}/');
    expect(screen.getByLabelText('推送内容')).toHaveFocus();
    await user.keyboard('?');
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    screen.getByLabelText('推送内容').blur();
    await user.keyboard('?');
    expect(await screen.findByRole('dialog', { name: '键盘快捷键' })).toBeVisible();
  });
});

describe('views', () => {
  it('lead to what they keep, can be saved and removed', async () => {
    answerStream();
    const asked = answerList(() => ({ records: [] }));
    const views: object[] = [];
    server.use(
      get('/admin/saved-view-list', () => ok({ views })),
      put('/admin/saved-view', async ({ request }) => {
        const body = await bodyOf(request);
        if (body['name'] === 'taken') return fail(1001, 'name: is taken', { field: 'name' });
        views.push({ ...body, id: '7' });
        return ok({ id: '7' });
      }),
      del('/admin/saved-view', () => {
        views.pop();
        return ok();
      }),
    );
    const { user, where } = await renderApp('/developTools/message');
    const bar = await screen.findByRole('navigation', { name: '视图' });
    expect(within(bar).getByRole('link', { name: '全部' })).toHaveAttribute('aria-current');
    expect(within(bar).queryByRole('button', { name: '保存当前视图' })).not.toBeInTheDocument();
    await user.click(within(bar).getByRole('link', { name: '授权变更' }));
    await waitFor(() => {
      expect(asked.at(-1)?.get('infoType')).toBe('authorized,updateauthorized,unauthorized');
    });
    expect(within(bar).getByRole('link', { name: '授权变更' })).toHaveAttribute('aria-current');

    await user.selectOptions(screen.getByLabelText('转发结果'), '有过失败');
    await user.click(within(bar).getByRole('button', { name: '保存当前视图' }));
    await user.type(screen.getByLabelText('视图名称'), 'taken{Enter}');
    expect(await screen.findByText('name: is taken')).toBeVisible();
    await user.clear(screen.getByLabelText('视图名称'));
    await user.type(screen.getByLabelText('视图名称'), '我的{Enter}');
    const own = await within(bar).findByRole('link', { name: '我的' });
    expect(own).toHaveAttribute('aria-current');
    await user.click(within(bar).getByRole('link', { name: '全部' }));
    await user.click(own);
    expect(where()).toContain('outcome=failed');
    await user.click(within(bar).getByRole('button', { name: '删除视图 我的' }));
    await user.click(screen.getByRole('button', { name: '删除' }));
    await waitFor(() => {
      expect(within(bar).queryByRole('link', { name: '我的' })).not.toBeInTheDocument();
    });
  });
});
