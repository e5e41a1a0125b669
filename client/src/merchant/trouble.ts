import { ApiError, Code } from '@/api/error';
import type { Words } from './words';

/** WeChat's words for a code that was used or has expired. */
const spent = [61009, 61010];

/** What a merchant, who is no developer, is told of a failure. */
export function trouble(t: Words, error: unknown): string {
  if (!(error instanceof ApiError)) return t('trouble.other');
  if (isSpent(error)) return t('trouble.expired');
  switch (error.code) {
    case Code.Network:
      return t('trouble.network');
    case Code.RateLimited:
      return t('trouble.often');
    case Code.BadState:
      return t('trouble.expired');
    case Code.BadParam:
      return t(error.field === 'link' ? 'trouble.link' : 'trouble.expired');
    default:
      return t('trouble.other');
  }
}

/** Whether trying again can help. What has expired or is gone stays so. */
export function canPass(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  return !isSpent(error) && error.code !== Code.BadState && error.code !== Code.BadParam;
}

function isSpent(error: ApiError): boolean {
  return error.wx !== undefined && spent.includes(error.wx.errcode);
}
