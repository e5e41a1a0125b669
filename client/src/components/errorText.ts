import type { TFunction } from 'i18next';
import { ApiError, Code } from '@/api/error';
import { currentLanguage } from '@/lib/i18n';
import { reasonOf } from '@/lib/reason';
import { paths } from '@/lib/paths';

// Some of these only lead in to the reason.
const texts: Partial<Record<number, string>> = {
  [Code.BadParam]: 'error.badParam',
  [Code.System]: 'error.system',
  [Code.UserUpdate]: 'error.userUpdate',
  [Code.LoginFailed]: 'error.loginFailed',
  [Code.NoTicket]: 'error.noTicket',
  [Code.BadState]: 'error.badState',
  [Code.WrongType]: 'error.wrongType',
  [Code.CallFailed]: 'error.callFailed',
  [Code.NotConfigured]: 'error.notConfigured',
  [Code.TooManyFailures]: 'error.tooManyFailures',
  [Code.RateLimited]: 'error.rateLimited',
  [Code.Network]: 'error.network',
  [Code.NotOurs]: 'error.notOurs',
  [Code.NotAuthorized]: 'error.loginEnded',
  [Code.LoginExpired]: 'error.loginEnded',
  [Code.BadToken]: 'error.loginEnded',
};

/** What a person is told of a failure, in one sentence; `remedy` says what to do, where it is known. */
export interface ErrorText {
  message: string;
  remedy?: string;
  /** The page that has the button which the remedy names. */
  place?: string;
  /** What support will ask for. */
  reference?: string;
}

/** Errcodes whose remedy is a button of the page of tokens. */
const onTokenPage = [45009, 61005];

export function errorText(t: TFunction, error: unknown): ErrorText {
  if (!(error instanceof ApiError)) return { message: t('common:error.unexpected') };
  if (error.wx) {
    const { errcode, errmsg, hint, rid } = error.wx;
    return {
      message: t('common:error.wechat', { errcode, errmsg }),
      ...(hint && { remedy: inLanguage(hint) }),
      ...(hint && onTokenPage.includes(errcode) && { place: paths.token }),
      ...(rid && { reference: `rid ${rid}` }),
    };
  }
  const key = texts[error.code];
  if (key)
    return {
      message: t(`common:${key}`, {
        status: error.httpStatus ?? '',
        reason: reasonText(t, error),
      }),
    };
  return { message: error.message || t('common:error.unexpected') };
}

/** Why the service refused, in the reader's language where the sentence is known. */
export function reasonText(t: TFunction, error: ApiError): string {
  const reason = reasonOf(error.message, error.field);
  return reason ? t(`common:reason.${reason}`) : error.message;
}

/** The service says what to do in both languages: "中文 / English". */
export function inLanguage(hint: string): string {
  const [chinese = '', ...english] = hint.split(' / ');
  return currentLanguage() === 'en' && english.length > 0 ? english.join(' / ') : chinese;
}
