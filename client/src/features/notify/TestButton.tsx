import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { errorText } from '@/components/errorText';
import { Notice } from '@/components/Notice';
import { refusalOf, remedyFor } from './kinds';
import { type Channel, notifyKeys, testChannel } from './queries';
import styles from './notify.module.css';

/** Sends a test message and says how it was taken. */
export function TestButton({ channel }: { channel: Channel }) {
  const { t } = useTranslation('notify');
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: () => testChannel(channel.id),
    meta: { errorShown: true },
    onSettled: () => client.invalidateQueries({ queryKey: notifyKeys.all }),
  });
  const refusal = refusalOf(mutation.error);
  const failure = refusal ? t('test.failed', { refusal }) : errorText(t, mutation.error).message;
  const seen = refusal !== undefined && refusal === channel.lastError; // the card shows it already
  return (
    <div className={styles.test}>
      <Button
        variant="outline"
        size="small"
        aria-label={t('test.label', { name: channel.name })}
        loading={mutation.isPending}
        onClick={() => {
          mutation.mutate();
        }}
      >
        {t('test.send')}
      </Button>
      {mutation.isSuccess && (
        <Notice tone="ok" live>
          {t(channel.kind === 'webhook' ? 'test.okProgram' : 'test.ok')}
        </Notice>
      )}
      {mutation.error !== null && (
        <Notice tone="error" live>
          {seen ? t('test.refused') : failure}
          {refusal && !seen && <p>{remedyFor(t, refusal)}</p>}
        </Notice>
      )}
    </div>
  );
}
