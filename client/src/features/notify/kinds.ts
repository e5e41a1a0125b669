import type { TFunction } from 'i18next';
import { ApiError, Code } from '@/api/error';
import type { Channel } from './queries';

export type ChannelKind = Channel['kind'];

export const channelKinds: ChannelKind[] = ['wecom', 'feishu', 'dingtalk', 'webhook'];

/** What people can be told of, in the groups in which they choose. */
export const eventGroups = [
  { name: 'account', events: ['account.authorized', 'account.unauthorized'] },
  { name: 'audit', events: ['audit.approved', 'audit.rejected', 'audit.delayed'] },
  { name: 'review', events: ['review.passed', 'review.refused', 'review.delayed'] },
  {
    name: 'platform',
    events: ['ticket.missing', 'ticket.recovered', 'token.failing', 'token.recovered'],
  },
  { name: 'target', events: ['target.failing', 'target.paused', 'target.recovered'] },
] as const;

export const allEvents: string[] = eventGroups.flatMap(({ events }) => [...events]);

/** The robots' refusals of which the way out is known. */
const known = ['93000', '45009', '310000', '130101', '19021', '19022', '19024', '11232'];

/** What to do about a robot's refusal, where that is known. */
export function remedyFor(t: TFunction<'notify'>, refusal: string): string | undefined {
  const code = /(?:err)?code (\d+)/.exec(refusal)?.[1];
  return code && known.includes(code) ? t(`remedy.${code}`) : undefined;
}

/** The robot's own words about a message that it did not take. */
export function refusalOf(error: unknown): string | undefined {
  return error instanceof ApiError && error.code === Code.CallFailed ? error.message : undefined;
}
