import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { CheckList } from '@/components/CheckList';
import { errorText } from '@/components/errorText';
import { Notice } from '@/components/Notice';
import { Dialog } from '@/components/Overlay';
import { Empty, QueryView } from '@/components/states';
import { toast } from '@/components/toast';
import { useDestinations } from '@/hooks/useDestinations';
import { useSend } from './queries';
import type { Push } from './types';

interface Props {
  pushes: Pick<Push, 'channel' | 'id'>[];
  onSent?: () => void;
  onClose: () => void;
}

/** Delivers pushes once more, to targets of the reader's choice, after saying how many that are. */
export function SendDialog({ pushes, onSent, onClose }: Props) {
  const { t } = useTranslation('messages');
  const { query } = useDestinations();
  const [targets, setTargets] = useState<string[]>([]);
  const send = useSend();
  const failure = send.error ? errorText(t, send.error) : null;
  const deliveries = pushes.length * targets.length;
  return (
    <Dialog
      title={t('send.title', { count: pushes.length })}
      onClose={onClose}
      footer={
        <>
          <Button variant="outline" theme="default" onClick={onClose}>
            {t('common:action.cancel')}
          </Button>
          <Button
            disabled={deliveries === 0}
            loading={send.isPending}
            onClick={() => {
              send.mutate(
                { keys: pushes, targets },
                {
                  onSuccess: (count) => {
                    toast.ok(t('send.done', { count }));
                    onSent?.();
                    onClose();
                  },
                },
              );
            }}
          >
            {deliveries > 0 ? t('send.confirm', { count: deliveries }) : t('send.button')}
          </Button>
        </>
      }
    >
      <QueryView query={query} lines={3}>
        {({ destinations }) => {
          const usable = destinations.filter(({ inForce }) => inForce);
          if (usable.length === 0) {
            return (
              <Empty icon="forward" title={t('send.none')}>
                {t('send.noneText')}
              </Empty>
            );
          }
          return (
            <CheckList
              legend={t('send.targets')}
              chosen={targets}
              onChange={setTargets}
              items={usable.map(({ key, name, paused }) => ({
                value: key,
                label: name,
                note: paused ? t('send.paused') : undefined,
              }))}
            />
          );
        }}
      </QueryView>
      {failure && (
        <Notice tone="error" live>
          {failure.message} {failure.remedy}
        </Notice>
      )}
    </Dialog>
  );
}
