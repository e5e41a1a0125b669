import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Notice } from '@/components/Notice';
import { StatusTag } from '@/components/StatusTag';
import { toast } from '@/components/toast';
import { type PushDetail, useRelease } from './queries';
import type { Push } from './types';

/** Marks a message that came to the address of another account than its own. */
export function HeldTag({ held }: { held: Push['held'] | undefined }) {
  const { t } = useTranslation('messages');
  if (!held) return null;
  return <StatusTag tone={held === 'waiting' ? 'warn' : 'plain'}>{t(`held.${held}`)}</StatusTag>;
}

/** Says why a message waits, and releases it. */
export function HeldNotice({ push }: { push: PushDetail }) {
  const { t } = useTranslation('messages');
  const release = useRelease();
  if (!push.held) return null;
  if (push.held === 'released') return <Notice tone="info">{t('held.releasedText')}</Notice>;
  return (
    <Notice tone="warn">
      {t('held.text', { userName: push.toUserName, appid: push.appid })}{' '}
      <Button
        size="small"
        loading={release.isPending}
        onClick={() => {
          release.mutate(push, {
            onSuccess: () => {
              toast.ok(t('held.done'));
            },
          });
        }}
      >
        {t('held.release')}
      </Button>
    </Notice>
  );
}
