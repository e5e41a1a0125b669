import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { DataTable } from '@/components/DataTable';
import { Empty } from '@/components/states';
import { DeleteDialog } from './DeleteDialog';
import { LinkDialog } from './LinkDialog';
import { type AuthLink, linksQuery } from './queries';
import { useLinkColumns } from './useLinkColumns';

/** The links made for merchants. */
export function LinkBoard() {
  const { t } = useTranslation('authlinks');
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<AuthLink | null>(null);
  const query = useQuery(linksQuery);
  const columns = useLinkColumns(setDeleting);
  const add = (
    <Button
      icon="plus"
      onClick={() => {
        setAdding(true);
      }}
    >
      {t('add')}
    </Button>
  );
  return (
    <Card
      title={t('list.title')}
      description={t('list.text')}
      actions={query.data?.length ? add : undefined}
      flush
    >
      <DataTable
        caption={t('list.title')}
        columns={columns}
        rows={query.data}
        rowKey={({ id }) => id}
        loading={query.isFetching}
        error={query.error}
        onRetry={() => void query.refetch()}
        empty={
          <Empty icon="link" title={t('empty.title')} action={add}>
            {t('empty.text')}
          </Empty>
        }
      />
      {adding && (
        <LinkDialog
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
      {deleting && (
        <DeleteDialog
          link={deleting}
          onClose={() => {
            setDeleting(null);
          }}
        />
      )}
    </Card>
  );
}
