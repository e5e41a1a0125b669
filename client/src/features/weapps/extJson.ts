import { pretty, toText } from '@/lib/pretty';

/** What is wrong with an ext.json, as a name of the texts; null when nothing is. */
export function checkExtJson(text: string): 'extNotJson' | 'extNotObject' | null {
  if (text.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? null : 'extNotObject';
  } catch {
    return 'extNotJson';
  }
}

/** Lays it out, one member a line, with every digit kept; a text that is no JSON stays as it is. */
export function tidy(text: string): string {
  if (text.trim() === '' || text.trim() === '{}' || checkExtJson(text)) return text;
  const laidOut = pretty(text);
  return laidOut ? toText(laidOut.lines) : text;
}
