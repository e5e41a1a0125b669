/** What every push holds and lists show elsewhere, or what says nothing to people. */
const known = new Set(
  [
    'xml',
    'ToUserName',
    'FromUserName',
    'CreateTime',
    'MsgType',
    'Event',
    'MsgId',
    'AppId',
    'InfoType',
    'AuthorizerAppid',
  ].map((name) => name.toLowerCase()),
);

const xmlField = /<(\w+)>(?:<!\[CDATA\[([\s\S]*?)(?:\]\]>|$)|([^<]*))/g;
const jsonField = /"(\w+)"\s*:\s*(?:"((?:[^"\\]|\\.)*)"?|([^",{}[\]]+))/g;

/**
 * The telling fields of a push in one line: "Content: hello". The text may be cut off anywhere; what
 * is neither XML nor JSON comes back as it is.
 */
export function digest(text: string): string {
  const body = text.trim();
  const plain = body.replace(/\s+/g, ' ');
  const pattern = body.startsWith('<') ? xmlField : body.startsWith('{') ? jsonField : null;
  if (!pattern) return plain;
  const fields: string[] = [];
  let any = false;
  for (const [, name = '', quoted, bare] of body.matchAll(pattern)) {
    any = true;
    const value = (quoted ?? bare ?? '').trim().replace(/\s+/g, ' ');
    if (value && !known.has(name.toLowerCase())) fields.push(`${name}: ${value}`);
  }
  return any ? fields.join(' · ') : plain;
}
