import { describe, expect, it } from 'vitest';
import { pretty, toText } from './pretty';

function lay(text: string): string | null {
  const result = pretty(text);
  return result && toText(result.lines);
}

describe('laying out JSON', () => {
  it('puts each member on a line', () => {
    expect(lay('{"a":1,"b":[true,null,"x"],"c":{},"d":[]}')).toBe(
      [
        '{',
        '  "a": 1,',
        '  "b": [',
        '    true,',
        '    null,',
        '    "x"',
        '  ],',
        '  "c": {},',
        '  "d": []',
        '}',
      ].join('\n'),
    );
  });

  it('keeps every digit of a long id', () => {
    expect(lay('{"MsgId":24000000000000123456}')).toContain('24000000000000123456');
  });

  it('keeps escapes and quotes inside strings as they came', () => {
    expect(lay(String.raw`{"a":"say \"hi\", \u4f60 {x:[1]}"}`)).toContain(
      String.raw`"say \"hi\", \u4f60 {x:[1]}"`,
    );
  });

  it.each(['{"a":', '{"a":1}}', '[1,2', '{]', '{a:1}', 'hello', ''])('leaves %j alone', (text) => {
    expect(pretty(text)).toBeNull();
  });

  it('tells keys from strings', () => {
    const pieces = pretty('{"a":"b"}')?.lines.flatMap((line) => line.pieces) ?? [];
    expect(pieces.filter((p) => p.kind === 'key').map((p) => p.text)).toEqual(['"a"']);
    expect(pieces.filter((p) => p.kind === 'string').map((p) => p.text)).toEqual(['"b"']);
  });
});

describe('laying out XML', () => {
  it('puts each element on a line and keeps CDATA', () => {
    expect(lay('<xml><A><![CDATA[a <b> & c]]></A><B>1</B><C><D/></C><!-- note --></xml>')).toBe(
      [
        '<xml>',
        '  <A><![CDATA[a <b> & c]]></A>',
        '  <B>1</B>',
        '  <C>',
        '    <D/>',
        '  </C>',
        '  <!-- note -->',
        '</xml>',
      ].join('\n'),
    );
  });

  it.each(['<xml>', '<a></b>', '<a><b></a></b>', '<<<'])('leaves %j alone', (text) => {
    expect(pretty(text)).toBeNull();
  });
});
