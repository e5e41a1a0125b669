import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { fail, get, ok, server } from '@/test/server';
import { renderApp } from '@/test/render';

const start = 1_795_000_000;

function event(id: number, infoType = 'authorized', postBody = `<xml><N>${id}</N></xml>`) {
  return { id, receiveTime: start + id, createTime: start + id, infoType, postBody };
}

function message(id: number) {
  return {
    id,
    receiveTime: start + id,
    createTime: start + id - 1,
    appid: 'wx1',
    toUserName: 'gh_1',
    msgType: 'text',
    event: '',
    postBody: `{"Content":"message ${id}","MsgId":2400000000000000${id}}`,
  };
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
  return (channel: string, ...records: unknown[]) => {
    controller?.enqueue(encoder.encode(`data: ${JSON.stringify({ channel, records })}\n\n`));
  };
}

async function rows(): Promise<HTMLElement[]> {
  const table = await screen.findByRole('table');
  return within(table).getAllByRole('row').slice(1);
}

describe('the message viewer', () => {
  it('shows the newest first, names them in words, and opens one in full', async () => {
    answerStream();
    server.use(
      get('/admin/wx-component-records', () =>
        ok({ total: 2, records: [event(2), event(1, 'some_new_type')] }),
      ),
    );
    const { user } = await renderApp('/developTools/message');
    const [first, second] = await rows();
    expect(first).toHaveTextContent('授权成功authorized');
    expect(second).toHaveTextContent('some_new_type');

    await user.click(screen.getByRole('button', { name: /授权成功/ }));
    const dialog = await screen.findByRole('dialog', { name: /授权成功/ });
    expect(within(dialog).getByText('<N>')).toBeVisible();
    await user.keyboard('j');
    expect(await screen.findByRole('dialog', { name: 'some_new_type' })).toBeVisible();
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('puts on top what arrives, once, and only what the filter lets through', async () => {
    const push = answerStream();
    server.use(get('/admin/wx-component-records', () => ok({ total: 1, records: [event(1)] })));
    await renderApp('/developTools/message?infoType=authorized');
    await screen.findByText('实时');
    push('component', event(2), event(1), event(3, 'unauthorized'));
    push('component', event(2));
    await waitFor(async () => {
      expect(await rows()).toHaveLength(2);
    });
    expect((await rows())[0]).toHaveTextContent('<N>2</N>');
  });

  it('lets new ones wait while the reader is further down', async () => {
    const push = answerStream();
    server.use(get('/admin/wx-biz-records', () => ok({ total: 1, records: [message(1)] })));
    const { user } = await renderApp('/developTools/message?tab=biz');
    await screen.findByText('实时');
    window.scrollY = 2000;
    window.dispatchEvent(new Event('scroll'));
    push('biz', message(3), message(2));
    const pill = await screen.findByRole('button', { name: '2 条新消息' });
    expect(await rows()).toHaveLength(1);
    await user.click(pill);
    expect(await rows()).toHaveLength(3);
    push('biz', message(4));
    await screen.findByRole('button', { name: '1 条新消息' });
    window.scrollY = 0;
    window.dispatchEvent(new Event('scroll'));
    expect(await rows()).toHaveLength(4);
    expect(screen.queryByRole('button', { name: /条新消息/ })).not.toBeInTheDocument();
  });

  it('goes on behind the cursor and never shows a row twice', async () => {
    answerStream();
    server.use(
      get('/admin/wx-biz-records', ({ request }) => {
        const cursor = new URL(request.url).searchParams.get('cursor');
        return cursor === 'c1'
          ? ok({ total: 3, records: [message(2), message(1)] })
          : ok({ total: 3, records: [message(3), message(2)], nextCursor: 'c1' });
      }),
    );
    const { user } = await renderApp('/developTools/message?tab=biz');
    await user.click(await screen.findByRole('button', { name: '加载更早的' }));
    await waitFor(async () => {
      expect(await rows()).toHaveLength(3);
    });
    expect(screen.queryByRole('button', { name: '加载更早的' })).not.toBeInTheDocument();
  });

  it('keeps the filter in the address and asks the service with it', async () => {
    answerStream();
    const asked: URLSearchParams[] = [];
    server.use(
      get('/admin/wx-biz-records', ({ request }) => {
        asked.push(new URL(request.url).searchParams);
        return ok({ total: 0, records: [] });
      }),
    );
    const { user, where } = await renderApp('/developTools/message?tab=biz&event=subscribe');
    expect(await screen.findByText('没有符合条件的推送')).toBeVisible();
    await user.type(screen.getByLabelText('AppID'), 'wxabc{Enter}');
    await waitFor(() => {
      expect(asked.at(-1)?.get('appid')).toBe('wxabc');
    });
    expect(asked.at(-1)?.get('event')).toBe('subscribe');
    expect(where()).toBe('/developTools/message?tab=biz&event=subscribe&appid=wxabc');
    await user.click(screen.getByRole('radio', { name: '1 小时' }));
    await waitFor(() => {
      const from = Number(asked.at(-1)?.get('startTime'));
      expect(Math.abs(Date.now() / 1000 - 3600 - from)).toBeLessThan(30);
    });
  });

  it('shows long ids with all their digits', async () => {
    answerStream();
    server.use(get('/admin/wx-biz-records', () => ok({ total: 1, records: [message(7)] })));
    const { user } = await renderApp('/developTools/message?tab=biz');
    await user.click(await screen.findByRole('button', { name: /文本消息/ }));
    expect(await screen.findByText('24000000000000007')).toBeVisible();
  });

  it('says why a list cannot be shown and tries again', async () => {
    answerStream();
    server.use(get('/admin/wx-component-records', () => fail(1002, 'system error')));
    const { user } = await renderApp('/developTools/message');
    expect(await screen.findByRole('alert')).toHaveTextContent('系统错误');
    server.use(get('/admin/wx-component-records', () => ok({ total: 1, records: [event(1)] })));
    await user.click(screen.getByRole('button', { name: '重试' }));
    expect(await rows()).toHaveLength(1);
  });

  it('stops following on demand', async () => {
    const push = answerStream();
    server.use(get('/admin/wx-component-records', () => ok({ total: 1, records: [event(1)] })));
    const { user } = await renderApp('/developTools/message');
    await screen.findByText('实时');
    await user.click(screen.getByRole('button', { name: '暂停' }));
    expect(screen.getByText('已暂停')).toBeVisible();
    push('component', event(2));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await rows()).toHaveLength(1);
  });
});
