import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { TextField } from '@/components/Field';
import { Dialog } from '@/components/Overlay';
import { Segmented } from '@/components/Segmented';
import { toast } from '@/components/toast';
import { copyText } from '@/lib/clipboard';
import { curlCommand } from '@/lib/curl';
import type { PushDetail } from './queries';
import styles from './MessageDrawer.module.css';

/** A command that posts the push to an address of the reader's choice, as a delivery would. */
export function CurlDialog({ push, onClose }: { push: PushDetail; onClose: () => void }) {
  const { t } = useTranslation('messages');
  const [url, setUrl] = useState('http://127.0.0.1:8000/');
  const [form, setForm] = useState<'raw' | 'json'>('raw');
  const asJSON = form === 'json' && !!push.json;
  const headers = push.headers.map(({ name, value }) =>
    asJSON && name === 'Content-Type'
      ? { name, value: 'application/json; charset=utf-8' }
      : { name, value },
  );
  const body = (asJSON ? push.json : push.postBody) ?? '';
  const command = curlCommand({ url: url.trim(), headers, body });
  return (
    <Dialog
      title={t('curl.title')}
      width={640}
      onClose={onClose}
      footer={
        <Button
          icon="copy"
          onClick={() => {
            copyText(command).then(
              () => {
                toast.ok(t('common:copy.done'));
                onClose();
              },
              () => {
                toast.error(t('common:copy.failed'));
              },
            );
          }}
        >
          {t('curl.copy')}
        </Button>
      }
    >
      <div className={styles.content}>
        <TextField label={t('curl.url')} type="url" mono value={url} onChange={setUrl} />
        {push.json && push.json !== push.postBody && (
          <Segmented
            label={t('curl.form')}
            value={form}
            onChange={setForm}
            items={[
              { value: 'raw', label: t('body.received') },
              { value: 'json', label: 'JSON' },
            ]}
          />
        )}
        <pre className={styles.command} tabIndex={0} aria-label={t('curl.command')}>
          {command}
        </pre>
        <p className={styles.note}>{t('curl.note')}</p>
      </div>
    </Dialog>
  );
}
