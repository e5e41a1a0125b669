import type { useForm } from '@/hooks/useForm';
import { allEvents, type ChannelKind } from './kinds';
import type { Channel } from './queries';

/** What the form of a new channel begins with. Its members are named as the service names what it refuses. */
export const blank = {
  name: '',
  kind: 'wecom' as ChannelKind,
  /** Of a channel that is there already, empty is "as it is"; the same holds for the secret. */
  url: '',
  secret: '',
  dropSecret: false,
  language: 'zh' as 'zh' | 'en',
  events: allEvents,
  enabled: true,
};

export type ChannelForm = typeof blank;
export type ChannelFormState = ReturnType<typeof useForm<ChannelForm>>;

export function fromChannel({ name, kind, language, events, enabled }: Channel): ChannelForm {
  return { ...blank, name, kind, language, events, enabled };
}

export function toBody(form: ChannelForm) {
  return {
    ...form,
    name: form.name.trim(),
    url: form.url.trim(),
    secret: form.kind === 'wecom' ? '' : form.secret.trim(),
  };
}

type Problem = 'name' | 'url' | 'events' | 'wecom' | 'feishu' | 'dingtalk';

/** What an address of a robot holds, wherever the chat is hosted. */
const marks: Partial<Record<ChannelKind, RegExp>> = {
  wecom: /[?&]key=[^&]/,
  feishu: /\/hook\//,
  dingtalk: /[?&]access_token=[^&]/,
};

/** What the form can tell by itself, as the last part of a text's key for each field. */
export function problems(
  form: ChannelForm,
  isNew: boolean,
): Partial<Record<keyof ChannelForm, Problem>> {
  const url = form.url.trim();
  const keeps = !isNew && url === '';
  const mark = marks[form.kind];
  return {
    ...(!form.name.trim() && { name: 'name' }),
    ...(!keeps && !!mark && !mark.test(url) && { url: form.kind as Problem }),
    ...(!keeps && !/^https?:\/\/[^\s/]+/.test(url) && { url: 'url' }),
    ...(form.events.length === 0 && { events: 'events' }),
  };
}
