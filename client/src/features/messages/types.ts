import type { Data } from '@/api/client';

export type Channel = 'component' | 'biz';

/** The tabs of the page: one channel, or both in one list. */
export const tabs = ['all', 'component', 'biz'] as const;
export type Tab = (typeof tabs)[number];

/** A received push of either channel. Fields that the channel does not have are missing. */
export type Push = Data<'/wxcomponent/admin/push-list'>['records'][number];

/** What became of a push: of one of its deliveries, or ("failed") of one of its calls. */
export const outcomes = ['failed', 'pending', 'dead', 'delivered'] as const;
export type Outcome = (typeof outcomes)[number] | '';

export interface Filter {
  channel: Channel | '';
  appid: string;
  infoType: string;
  msgType: string;
  event: string;
  /** Any of the three before. */
  kind: string;
  text: string;
  id: string;
  outcome: Outcome;
  target: string;
  /** Seconds; 0 means without bound. */
  startTime: number;
  endTime: number;
}

/** Names a push across both channels: "biz-12". */
export function keyOf({ channel, id }: Pick<Push, 'channel' | 'id'>): string {
  return `${channel}-${id}`;
}

export function parseKey(key: string): { channel: Channel; id: number } | null {
  const match = /^(component|biz)-(\d{1,15})$/.exec(key);
  return match && { channel: match[1] as Channel, id: Number(match[2]) };
}

/** By the time of arrival, then by id, then by channel, as the service sorts. */
export function newestFirst(a: Push, b: Push): number {
  return b.receiveTime - a.receiveTime || b.id - a.id || a.channel.localeCompare(b.channel);
}

/** Whether pushes that arrive now can be in the list: those that are chosen by what became of them cannot. */
export function canStream(filter: Filter): boolean {
  return filter.endTime === 0 && filter.outcome === '' && filter.id === '';
}

/** Whether a push that arrives now belongs into the list that is shown. */
export function matches(push: Push, filter: Filter): boolean {
  const { channel, appid, infoType, msgType, event, kind } = filter;
  const fits = (wanted: string, found: string | undefined) => !wanted || wanted === found;
  return (
    fits(channel, push.channel) &&
    fits(appid, push.appid) &&
    fits(msgType, push.msgType) &&
    fits(event, push.event) &&
    (!infoType || infoType.split(',').includes(push.infoType ?? '')) &&
    (!kind || [push.infoType, push.msgType, push.event].includes(kind))
  );
}
