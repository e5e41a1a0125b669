import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { Button } from '@/components/Button';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { IconButton } from '@/components/IconButton';
import { toast } from '@/components/toast';
import { cx } from '@/lib/cx';
import { SaveViewDialog } from './SaveViewDialog';
import { builtIn, useRemoveView, type View, viewOf, viewsQuery } from './views';
import styles from './ViewsBar.module.css';

/** Views of the page by name: four for everybody, and the reader's own. */
export function ViewsBar() {
  const { t } = useTranslation('messages');
  const { pathname, search } = useLocation();
  const [saving, setSaving] = useState(false);
  const [removing, setRemoving] = useState<View | null>(null);
  const own = useQuery(viewsQuery).data?.views ?? [];
  const current = viewOf(search);
  const isOpen = (query: string) => viewOf(query) === current;
  const known = [...builtIn, ...own].some(({ query }) => isOpen(query));
  const link = (query: string, name: string) => (
    <Link
      to={{ pathname, search: query }}
      className={cx(styles.view, isOpen(query) && styles.open)}
      aria-current={isOpen(query) ? 'true' : undefined}
    >
      {name}
    </Link>
  );
  return (
    <nav className={styles.bar} aria-label={t('views.label')}>
      <ul className={styles.list}>
        {builtIn.map(({ id, query }) => (
          <li key={id}>{link(query, t(`views.${id}`))}</li>
        ))}
        {own.map((view) => (
          <li key={view.id} className={styles.own}>
            {link(view.query, view.name)}
            {isOpen(view.query) && (
              <IconButton
                icon="trash"
                iconSize={14}
                label={t('views.remove', { name: view.name })}
                onClick={() => {
                  setRemoving(view);
                }}
              />
            )}
          </li>
        ))}
      </ul>
      {!known && (
        <Button
          size="small"
          variant="text"
          theme="primary"
          icon="plus"
          onClick={() => {
            setSaving(true);
          }}
        >
          {t('views.save')}
        </Button>
      )}
      {saving && (
        <SaveViewDialog
          query={current}
          onClose={() => {
            setSaving(false);
          }}
        />
      )}
      {removing && (
        <RemoveDialog
          view={removing}
          onClose={() => {
            setRemoving(null);
          }}
        />
      )}
    </nav>
  );
}

function RemoveDialog({ view, onClose }: { view: View; onClose: () => void }) {
  const { t } = useTranslation('messages');
  const remove = useRemoveView();
  return (
    <ConfirmDialog
      title={t('views.removeTitle', { name: view.name })}
      confirm={t('views.removeConfirm')}
      danger
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() => {
        remove.mutate(view.id, {
          onSuccess: () => {
            toast.ok(t('views.removed', { name: view.name }));
            onClose();
          },
        });
      }}
    />
  );
}
