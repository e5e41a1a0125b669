/** One piece of a highlighted text. */
export interface Piece {
  text: string;
  kind: 'plain' | 'key' | 'string' | 'number' | 'word' | 'mark';
}

export interface Line {
  indent: number;
  pieces: Piece[];
}

export interface Pretty {
  format: 'json' | 'xml';
  lines: Line[];
}

/**
 * Lays out JSON or XML, one member a line. Nothing is parsed into values, so that long ids keep all
 * their digits and every character stays as it came. Null when the text is neither.
 */
export function pretty(text: string): Pretty | null {
  const body = text.trim();
  if (body.startsWith('{') || body.startsWith('[')) {
    const lines = prettyJSON(body);
    return lines && { format: 'json', lines };
  }
  if (body.startsWith('<')) {
    const lines = prettyXML(body);
    return lines && { format: 'xml', lines };
  }
  return null;
}

export function toText(lines: Line[]): string {
  return lines
    .map(({ indent, pieces }) => '  '.repeat(indent) + pieces.map(({ text }) => text).join(''))
    .join('\n');
}

class Page {
  readonly lines: Line[] = [];
  indent = 0;
  private current: Line | null = null;

  put(text: string, kind: Piece['kind']): void {
    if (!this.current) {
      this.current = { indent: this.indent, pieces: [] };
      this.lines.push(this.current);
    }
    this.current.pieces.push({ text, kind });
  }

  newLine(): void {
    this.current = null;
  }
}

const jsonToken =
  /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|([{}[\],:]))/y;

function prettyJSON(text: string): Line[] | null {
  const page = new Page();
  const open: string[] = [];
  jsonToken.lastIndex = 0;
  while (jsonToken.lastIndex < text.length) {
    const match = jsonToken.exec(text);
    if (!match) return null;
    const [, string, number, word, mark] = match;
    if (string !== undefined) {
      const isKey = /^\s*:/.test(text.slice(jsonToken.lastIndex, jsonToken.lastIndex + 20));
      page.put(string, isKey ? 'key' : 'string');
    } else if (number !== undefined) page.put(number, 'number');
    else if (word !== undefined) page.put(word, 'word');
    else if (!putMark(mark ?? '', page, open, text)) return null;
  }
  return open.length === 0 ? page.lines : null;
}

const closing: Record<string, string> = { '{': '}', '[': ']' };

function putMark(mark: string, page: Page, open: string[], text: string): boolean {
  if (mark === ':') page.put(': ', 'mark');
  else if (mark === ',') {
    page.put(',', 'mark');
    page.newLine();
  } else if (closing[mark]) {
    page.put(mark, 'mark');
    const end = new RegExp(`\\s*\\${closing[mark]}`, 'y');
    end.lastIndex = jsonToken.lastIndex;
    if (end.test(text)) {
      page.put(closing[mark], 'mark'); // nothing inside: {} stays on its line
      jsonToken.lastIndex = end.lastIndex;
      return true;
    }
    open.push(closing[mark]);
    page.indent += 1;
    page.newLine();
  } else {
    if (open.pop() !== mark) return false;
    page.indent -= 1;
    page.newLine();
    page.put(mark, 'mark');
  }
  return true;
}

const xmlToken =
  /(<!\[CDATA\[[\s\S]*?\]\]>)|(<!--[\s\S]*?-->)|(<\?[\s\S]*?\?>)|(<\/[^>]+>)|(<[^>]+>)|([^<]+)/y;

function prettyXML(text: string): Line[] | null {
  const page = new Page();
  const open: string[] = [];
  let leaf = false; // the element just opened holds only text so far
  xmlToken.lastIndex = 0;
  while (xmlToken.lastIndex < text.length) {
    const match = xmlToken.exec(text);
    if (!match) return null;
    const [, cdata, comment, instruction, close, tag, words] = match;
    if (cdata !== undefined) page.put(cdata, 'string');
    else if (words !== undefined) {
      if (words.trim()) page.put(words.trim(), 'string');
    } else if (close !== undefined) {
      if (open.pop() !== tagName(close)) return null;
      page.indent -= 1;
      if (!leaf) page.newLine();
      page.put(close, 'key');
      page.newLine();
      leaf = false;
    } else {
      page.newLine();
      page.put(comment ?? instruction ?? tag ?? '', comment ? 'mark' : 'key');
      if (tag !== undefined && !tag.endsWith('/>')) {
        open.push(tagName(tag));
        page.indent += 1;
        leaf = true;
      } else leaf = false;
    }
  }
  return open.length === 0 ? page.lines : null;
}

function tagName(tag: string): string {
  return /[^\s<>/]+/.exec(tag)?.[0] ?? '';
}
