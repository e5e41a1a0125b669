import { expect, it } from 'vitest';
import { digest } from './digest';

it.each([
  [
    '<xml><ToUserName><![CDATA[gh_1]]></ToUserName>\n<Content><![CDATA[a <b>\n c]]></Content><MsgId>1</MsgId></xml>',
    'Content: a <b> c',
  ],
  [
    '<xml><Event>SCAN</Event><EventKey><![CDATA[scene]]></EventKey><Ticket>t',
    'EventKey: scene · Ticket: t',
  ],
  ['<xml><Content><![CDATA[cut o', 'Content: cut o'],
  [
    '{"MsgType":"text","Content":"say \\"hi\\"","PicUrl": "http://x"}',
    'Content: say \\"hi\\" · PicUrl: http://x',
  ],
  ['{"info":{"name":"n","age":7},"Content":"cut o', 'name: n · age: 7 · Content: cut o'],
  ['<xml><CreateTime>1</CreateTime></xml>', ''],
  ['…in the\nmiddle', '…in the middle'],
])('of %s', (text, want) => {
  expect(digest(text)).toBe(want);
});
