import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { useDeed } from '@/hooks/useDeed';
import { type AuthLink, deleteLink, linksQuery } from './queries';

export function DeleteDialog({ link, onClose }: { link: AuthLink; onClose: () => void }) {
  const { t } = useTranslation('authlinks');
  const name = link.name || link.id;
  const remove = useDeed({
    deed: () => deleteLink(link.id),
    changes: linksQuery.queryKey,
    done: t('delete.done', { name }),
    onDone: onClose,
    errorShown: true,
  });
  return (
    <ConfirmDialog
      title={t('delete.title', { name })}
      confirm={t('delete.confirm')}
      danger
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => {
        remove.mutate(undefined);
      }}
      onClose={onClose}
    >
      <p>{t('delete.text')}</p>
    </ConfirmDialog>
  );
}
