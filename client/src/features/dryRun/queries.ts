import { queryOptions } from '@tanstack/react-query';
import { type Data, http, request } from '@/api/client';

export type DryRun = Data<'/wxcomponent/admin/forward-dry-run', 'post'>;
export type Verdict = DryRun['rules'][number];
export type Check = Verdict['checks'][number];
export type Channel = 'component' | 'biz';

interface Push {
  channel: Channel;
  /** Of one that was received; or else the text of one. */
  id?: number;
  body?: string;
  appid?: string;
}

/** Which rules a push meets, and why. Nothing is sent. */
export function dryRun(push: Push): Promise<DryRun> {
  return request(http.POST('/wxcomponent/admin/forward-dry-run', { body: push }));
}

export function storedRunQuery(channel: Channel, id: number) {
  return queryOptions({
    queryKey: ['dry-run', channel, id],
    queryFn: () => dryRun({ channel, id }),
    staleTime: 0,
    gcTime: 0,
  });
}

/** A push that was received, as far as one recognises it by. */
export interface Received {
  id: number;
  receiveTime: number;
  kind: { member: 'infoType' | 'msgType' | 'event'; value: string };
  appid: string;
}

const newest = 20;

/** The newest pushes of a channel. */
export function receivedQuery(channel: Channel) {
  return queryOptions({
    queryKey: ['dry-run', 'received', channel],
    queryFn: async ({ signal }): Promise<Received[]> => {
      const params = { query: { limit: newest } };
      if (channel === 'component') {
        const call = http.GET('/wxcomponent/admin/wx-component-records', { params, signal });
        return (await request(call)).records.map(({ id, receiveTime, infoType }) => ({
          id,
          receiveTime,
          kind: { member: 'infoType', value: infoType },
          appid: '',
        }));
      }
      const call = http.GET('/wxcomponent/admin/wx-biz-records', { params, signal });
      return (await request(call)).records.map(({ id, receiveTime, msgType, event, appid }) => ({
        id,
        receiveTime,
        kind: event ? { member: 'event', value: event } : { member: 'msgType', value: msgType },
        appid,
      }));
    },
  });
}
