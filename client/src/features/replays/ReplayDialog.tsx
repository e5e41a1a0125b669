import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { errorText } from '@/components/errorText';
import { SelectField, SwitchField, TextField } from '@/components/Field';
import { Notice } from '@/components/Notice';
import { Dialog } from '@/components/Overlay';
import { toast } from '@/components/toast';
import { useDestinations } from '@/hooks/useDestinations';
import { useForm } from '@/hooks/useForm';
import { currentTag } from '@/lib/i18n';
import { day, formatTime, nowSeconds } from '@/lib/time';
import { previewQuery, type Replay, useStart } from './queries';
import styles from './replays.module.css';

const mostRate = 1000;

function initial() {
  return {
    source: 'pushes' as Replay['source'],
    target: '',
    channel: 'biz',
    appid: '',
    missing: true,
    from: formatTime(nowSeconds() - day).replace(' ', 'T'),
    to: '',
    rate: '50',
  };
}

type Values = ReturnType<typeof initial>;

function replayOf(values: Values): Replay {
  const pushes = values.source === 'pushes';
  return {
    source: values.source,
    target: values.target,
    channel: pushes ? values.channel : '',
    appid: pushes ? values.appid.trim() : '',
    missing: pushes && values.missing,
    from: seconds(values.from),
    to: seconds(values.to),
    rate: Number(values.rate),
  };
}

function seconds(local: string): number {
  const at = new Date(local).getTime();
  return Number.isNaN(at) ? 0 : Math.floor(at / 1000);
}

/** Asks what is to be sent again, and where to, and says how much that is. */
export function ReplayDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('replays');
  const start = useStart();
  const form = useForm({
    initial: initial(),
    check: (values) => {
      const rate = Number(values.rate);
      const { from, to } = replayOf(values);
      return {
        ...(!values.target && { target: t('problem.target') }),
        ...(values.source === 'pushes' && !from && { from: t('problem.from') }),
        ...(to > 0 && to < from && { to: t('problem.to') }),
        ...(!(Number.isInteger(rate) && rate > 0 && rate <= mostRate) && {
          rate: t('problem.rate', { most: mostRate }),
        }),
      };
    },
    submit: async (values) => {
      await start.mutateAsync(replayOf(values));
      toast.ok(t('dialog.started'));
      onClose();
    },
  });
  const failure = form.failure ? errorText(t, form.failure) : null;
  return (
    <Dialog
      title={t('dialog.title')}
      width={600}
      onClose={onClose}
      footer={
        <>
          <Button variant="outline" theme="default" onClick={onClose}>
            {t('common:action.cancel')}
          </Button>
          <Button type="submit" form="replay" loading={form.busy}>
            {t('dialog.start')}
          </Button>
        </>
      }
    >
      <form id="replay" noValidate className={styles.form} onSubmit={form.onSubmit}>
        <Fields {...form} />
        <Preview values={form.values} />
        {failure && (
          <Notice tone="error" live>
            {failure.message} {failure.remedy}
          </Notice>
        )}
      </form>
    </Dialog>
  );
}

type FieldsProps = Pick<ReturnType<typeof useForm<Values>>, 'values' | 'set' | 'errors'>;

function Fields({ values, set, errors }: FieldsProps) {
  const { t } = useTranslation('replays');
  const { list } = useDestinations();
  const text = (name: 'appid' | 'from' | 'to' | 'rate') => ({
    label: t(`field.${name}`),
    value: values[name],
    error: errors[name],
    onChange: (value: string) => {
      set(name, value);
    },
  });
  return (
    <>
      <SelectField
        label={t('field.source')}
        value={values.source}
        options={(['pushes', 'dead'] as const).map((value) => ({
          value,
          label: t(`source.${value}`),
        }))}
        onChange={(source) => {
          set('source', source);
        }}
      />
      <SelectField
        label={t('field.target')}
        value={values.target}
        error={errors.target}
        options={[
          { value: '', label: t('hint.target') },
          ...list
            .filter(({ inForce }) => inForce)
            .map(({ key, name }) => ({ value: key, label: name })),
        ]}
        onChange={(target) => {
          set('target', target);
        }}
      />
      {values.source === 'pushes' && (
        <>
          <SelectField
            label={t('field.channel')}
            value={values.channel}
            options={['biz', 'component'].map((value) => ({ value, label: t(`channel.${value}`) }))}
            onChange={(channel) => {
              set('channel', channel);
            }}
          />
          <TextField {...text('appid')} placeholder={t('hint.appid')} />
        </>
      )}
      <TextField {...text('from')} type="datetime-local" step={1} />
      <TextField {...text('to')} type="datetime-local" step={1} help={t('hint.to')} />
      <TextField {...text('rate')} inputMode="numeric" />
      {values.source === 'pushes' && (
        <div className={styles.wide}>
          <SwitchField
            label={t('field.missing')}
            help={t('hint.missing')}
            checked={values.missing}
            onChange={(missing) => {
              set('missing', missing);
            }}
          />
        </div>
      )}
    </>
  );
}

function Preview({ values }: { values: Values }) {
  const { t } = useTranslation('replays');
  const { data } = useQuery(previewQuery(replayOf(values)));
  if (!data || !values.target) return null;
  const count = new Intl.NumberFormat(currentTag()).format(data.count);
  const key = values.source === 'pushes' && values.missing ? 'preview.missing' : 'preview.all';
  return (
    <div className={styles.wide}>
      <Notice tone="info" live>
        {t(key, { total: data.capped ? `${count}+` : count })}
      </Notice>
    </div>
  );
}
