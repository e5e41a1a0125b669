import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Notice } from '@/components/Notice';
import { toast } from '@/components/toast';
import { type Channel, notifyKeys, resendMissed } from './queries';
import styles from './notify.module.css';

/** What the channel was not told of, and the way to tell it after all. */
export function Missed({ channel }: { channel: Channel }) {
  const { t } = useTranslation('notify');
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: () => resendMissed(channel.id),
    onSuccess: (count) => {
      toast.ok(t('resent', { count }));
    },
    onSettled: () => client.invalidateQueries({ queryKey: notifyKeys.all }),
  });
  return (
    <Notice tone="warn">
      <div className={styles.missed}>
        <span>{t('missed', { count: channel.missed })}</span>
        <Button
          variant="outline"
          theme="default"
          size="small"
          disabled={!channel.enabled}
          loading={mutation.isPending}
          onClick={() => {
            mutation.mutate();
          }}
        >
          {t('resend')}
        </Button>
      </div>
    </Notice>
  );
}
