import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { FailureNotice } from '@/components/FailureNotice';
import { Dialog } from '@/components/Overlay';
import { Empty, QueryView } from '@/components/states';
import { TimeText } from '@/components/TimeText';
import { toast } from '@/components/toast';
import { historyQuery, rollBack, weappKeys } from './queries';
import styles from './weapps.module.css';

/** Lets one choose among the versions that WeChat can go back to. */
export function RollbackDialog({ appid, onClose }: { appid: string; onClose: () => void }) {
  const { t } = useTranslation('weapps');
  const client = useQueryClient();
  const query = useQuery(historyQuery(appid));
  const [chosen, setChosen] = useState('');
  const mutation = useMutation({
    mutationFn: () => rollBack(appid, chosen),
    meta: { errorShown: true },
    onSuccess: () => {
      toast.ok(t('deed.rollBack.done'));
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: weappKeys.all }),
  });
  return (
    <Dialog
      title={t('deed.rollBack.title')}
      width={520}
      onClose={onClose}
      footer={
        <>
          <Button variant="outline" theme="default" disabled={mutation.isPending} onClick={onClose}>
            {t('common:action.cancel')}
          </Button>
          <Button
            theme="danger"
            disabled={chosen === ''}
            loading={mutation.isPending}
            onClick={() => {
              mutation.mutate();
            }}
          >
            {t('deed.rollBack.button')}
          </Button>
        </>
      }
    >
      <p>{t('deed.rollBack.text')}</p>
      <QueryView query={query}>
        {(versions) =>
          versions.length === 0 ? (
            <Empty title={t('deed.rollBack.none')} />
          ) : (
            <fieldset className={styles.choices}>
              <legend className="visually-hidden">{t('deed.rollBack.choose')}</legend>
              {versions.map(({ appVersion, userVersion, userDesc, commitTime }) => (
                <label key={appVersion} className={styles.choice}>
                  <input
                    type="radio"
                    name="appVersion"
                    checked={chosen === appVersion}
                    onChange={() => {
                      setChosen(appVersion);
                    }}
                  />
                  <span>
                    <strong>{userVersion}</strong> <TimeText at={commitTime} />
                    <small>{userDesc}</small>
                  </span>
                </label>
              ))}
            </fieldset>
          )
        }
      </QueryView>
      <FailureNotice error={mutation.error} />
    </Dialog>
  );
}
