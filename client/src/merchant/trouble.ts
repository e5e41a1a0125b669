import type { TFunction } from 'i18next';
import { ApiError, Code } from '@/api/error';

/** What a merchant, who is no developer, is told of a failure. */
export function trouble(t: TFunction, error: unknown): string {
  if (!(error instanceof ApiError)) return t('merchant:trouble.other');
  switch (error.code) {
    case Code.Network:
      return t('merchant:trouble.network');
    case Code.RateLimited:
      return t('merchant:trouble.often');
    case Code.BadState:
      return t('merchant:trouble.expired');
    case Code.BadParam:
      return t(error.field === 'link' ? 'merchant:trouble.link' : 'merchant:trouble.expired');
    default:
      return t('merchant:trouble.other');
  }
}
