import { ApiError } from '@/api/error';
import type { useForm } from '@/hooks/useForm';
import type { Channel, Rule } from './queries';

/** What the form of a new rule begins with. Its members are named as the service names what it refuses. */
export const blank = {
  name: '',
  infoType: '',
  msgType: '',
  event: '',
  target: 'local' as 'local' | 'url',
  port: '',
  path: '/',
  url: '',
  mode: 'sync' as 'sync' | 'async',
  timeoutMs: '',
  /** Masked while it is unchanged. */
  secret: '',
  open: true,
};

export type RuleForm = typeof blank;

/** The form with its state, as its groups of fields get it. */
export type RuleFormState = ReturnType<typeof useForm<RuleForm>>;

export function fromRule({ name, infoType, msgType, event, open, data }: Rule): RuleForm {
  return {
    name,
    infoType,
    msgType,
    event,
    open: open === 1,
    target: data.url ? 'url' : 'local',
    port: data.port ? String(data.port) : '',
    path: data.path,
    url: data.url ?? '',
    mode: data.mode === 'async' ? 'async' : 'sync',
    timeoutMs: data.timeoutMs ? String(data.timeoutMs) : '',
    secret: data.secret ?? '',
  };
}

export function toBody(form: RuleForm) {
  const { target, mode, secret, open } = form;
  const local = target === 'local';
  return {
    name: form.name.trim(),
    infoType: form.infoType.trim(),
    msgType: form.msgType.trim(),
    event: form.event.trim(),
    open,
    data: {
      port: local ? Number(form.port) : 0,
      path: local ? form.path.trim() : '',
      url: local ? '' : form.url.trim(),
      mode,
      timeoutMs: Number(form.timeoutMs),
      secret: secret.trim(),
    },
  };
}

type Problem = 'kind' | 'port' | 'path' | 'url' | 'timeout';

/** What the form can tell by itself, as the last part of a text's key for each field. */
export function problems(
  channel: Channel,
  form: RuleForm,
): Partial<Record<keyof RuleForm, Problem>> {
  const local = form.target === 'local';
  const port = Number(form.port);
  const timeout = Number(form.timeoutMs);
  const component = channel === 'component';
  const kind = component ? form.infoType : form.msgType + form.event;
  const kindField = component ? 'infoType' : 'msgType';
  return {
    ...(!kind.trim() && { [kindField]: 'kind' }),
    ...(local && !(Number.isInteger(port) && port >= 1 && port <= 65535) && { port: 'port' }),
    ...(local && !form.path.trim().startsWith('/') && { path: 'path' }),
    ...(!local && !/^https?:\/\/[^\s/]+/.test(form.url.trim()) && { url: 'url' }),
    ...(form.timeoutMs !== '' && !(timeout >= 100 && timeout <= 30000) && { timeoutMs: 'timeout' }),
  };
}

/** The service names "data.port" what is the form's "port". */
export function renameField(error: unknown): unknown {
  if (!(error instanceof ApiError) || !error.field?.startsWith('data.')) return error;
  const { code, message, wx, data, httpStatus } = error;
  const field = error.field.slice('data.'.length);
  return new ApiError(code, message, { field, wx, data, httpStatus, cause: error });
}
