import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ButtonLink } from '@/components/Button';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { Dialog } from '@/components/Overlay';
import { QueryView } from '@/components/states';
import { paths } from '@/lib/paths';
import { counted } from './names';
import { deleteTarget, rulesOfQuery, type Target } from './queries';
import styles from './targets.module.css';
import { useTargetDeed } from './useTargetDeed';

interface Props {
  target: Target;
  onClose: () => void;
}

/** Removes a target that no rule leads to; otherwise says which rules do. */
export function DeleteDialog({ target, onClose }: Props) {
  const { t } = useTranslation('targets');
  const query = useQuery(rulesOfQuery(target.id));
  if (query.data?.length === 0) return <Confirm target={target} onClose={onClose} />;
  return (
    <Dialog
      title={t('delete.title', { name: target.name })}
      width={440}
      onClose={onClose}
      footer={query.data && <ButtonLink to={paths.forwardMessage}>{t('delete.rules')}</ButtonLink>}
    >
      <QueryView query={query} lines={3}>
        {(names) => (
          <div className={styles.form}>
            <p>{t('delete.used')}</p>
            <ul className={styles.list}>
              {names.map((name, at) => (
                <li key={at}>{name}</li>
              ))}
            </ul>
          </div>
        )}
      </QueryView>
    </Dialog>
  );
}

function Confirm({ target: { id, name, health }, onClose }: Props) {
  const { t } = useTranslation('targets');
  const remove = useTargetDeed({
    deed: () => deleteTarget(id),
    done: t('delete.done', { name }),
    onDone: onClose,
    errorShown: true,
  });
  return (
    <ConfirmDialog
      title={t('delete.title', { name })}
      confirm={t('deed.delete')}
      danger
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => {
        remove.mutate(undefined);
      }}
      onClose={onClose}
    >
      <p>
        {health.pending > 0
          ? t('delete.pending', { pending: counted(health.pending) })
          : t('delete.text')}
      </p>
    </ConfirmDialog>
  );
}
