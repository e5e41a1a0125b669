import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeView } from '@/components/CodeView';
import { CopyButton } from '@/components/CopyButton';
import { Details } from '@/components/Details';
import { Notice } from '@/components/Notice';
import { Segmented } from '@/components/Segmented';
import { formatTime } from '@/lib/time';
import type { PushDetail } from './queries';
import styles from './MessageDrawer.module.css';

/** What was received: its times and names, and its text as it came, as JSON, and with what headers. */
export function PushBody({ push }: { push: PushDetail }) {
  const { t } = useTranslation('messages');
  const [form, setForm] = useState<'received' | 'json' | 'headers'>('received');
  const forms = [
    'received' as const,
    ...(push.json !== push.postBody ? (['json'] as const) : []),
    ...(push.headers.length > 0 ? (['headers'] as const) : []),
  ];
  return (
    <div className={styles.content}>
      {push.defect && (
        <Notice tone="warn">
          {t('defect', { why: push.json.startsWith('{"raw":') ? t('noPush') : push.defect })}
        </Notice>
      )}
      <Details
        rows={[
          [t('drawer.received'), <Times key="received" at={push.receiveTime} />],
          [t('drawer.created'), <Times key="created" at={push.createTime} />],
          ['AppID', push.appid && <WithCopy key="appid" text={push.appid} />],
          ['ToUserName', push.toUserName && <code key="to">{push.toUserName}</code>],
          [t('drawer.id'), <code key="id">{`${push.channel}-${push.id}`}</code>],
          [t('drawer.identity'), push.identity && <WithCopy key="identity" text={push.identity} />],
        ]}
      />
      <div>
        {forms.length > 1 && (
          <div className={styles.forms}>
            <Segmented
              label={t('body.form')}
              value={form}
              onChange={setForm}
              items={forms.map((value) => ({ value, label: t(`body.${value}`) }))}
            />
          </div>
        )}
        {form === 'headers' ? (
          <Details
            rows={push.headers.map(({ name, value }) => [name, <code key={name}>{value}</code>])}
          />
        ) : (
          <CodeView
            key={form}
            text={(form === 'json' ? push.json : push.postBody) ?? ''}
            label={t('column.body')}
          />
        )}
        <p className={styles.note}>{t(`body.${form}Note`)}</p>
      </div>
    </div>
  );
}

function Times({ at }: { at: number }) {
  const { t } = useTranslation();
  if (!at) return '—';
  return (
    <span className={styles.times}>
      <span>
        {formatTime(at)} <small>{t('time.local')}</small>
      </span>
      <span>
        {formatTime(at, 'utc')} <small>UTC</small>
      </span>
    </span>
  );
}

function WithCopy({ text }: { text: string }) {
  return (
    <span className={styles.copy}>
      <code>{text}</code>
      <CopyButton text={text} />
    </span>
  );
}
