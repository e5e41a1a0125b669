import type { Data } from '@/api/client';

export type Channel = 'component' | 'biz';

type ComponentRecord = Data<'/wxcomponent/admin/wx-component-records'>['records'][number];
type BizRecord = Data<'/wxcomponent/admin/wx-biz-records'>['records'][number];

/** A received push of either channel. Fields that the channel does not have are empty. */
export interface Message {
  id: number;
  receiveTime: number;
  createTime: number;
  infoType: string;
  appid: string;
  toUserName: string;
  msgType: string;
  event: string;
  postBody: string;
}

export interface Filter {
  appid: string;
  infoType: string;
  msgType: string;
  event: string;
  /** Seconds; 0 means without bound. */
  startTime: number;
  endTime: number;
}

const nothing = { infoType: '', appid: '', toUserName: '', msgType: '', event: '' };

export function toMessage(record: ComponentRecord | BizRecord): Message {
  return { ...nothing, ...record };
}

/** Newest first: by the time of arrival, then by id, as the service sorts. */
export function newestFirst(a: Message, b: Message): number {
  return b.receiveTime - a.receiveTime || b.id - a.id;
}

/** Whether a push that arrives now belongs into the list that is shown. */
export function matches(message: Message, channel: Channel, filter: Filter): boolean {
  if (filter.endTime > 0) return false;
  if (channel === 'component') return !filter.infoType || message.infoType === filter.infoType;
  return (
    (!filter.appid || message.appid === filter.appid) &&
    (!filter.msgType || message.msgType === filter.msgType) &&
    (!filter.event || message.event === filter.event)
  );
}
