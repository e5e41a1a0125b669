import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { DataTable } from '@/components/DataTable';
import { Empty } from '@/components/states';
import { DeleteDialog } from './DeleteDialog';
import { type Channel, type Rule, rulesQuery } from './queries';
import { RuleDialog } from './RuleDialog';
import { TestDialog } from './TestDialog';
import { useRuleColumns } from './useRuleColumns';

type Open = { what: 'add' } | { what: 'edit' | 'test' | 'delete'; rule: Rule } | null;

/** The rules of one channel, and what can be done with them. */
export function RuleBoard({ channel }: { channel: Channel }) {
  const { t } = useTranslation('rules');
  const [open, setOpen] = useState<Open>(null);
  const query = useQuery(rulesQuery(channel));
  const columns = useRuleColumns((what, rule) => {
    setOpen({ what, rule });
  });
  const close = () => {
    setOpen(null);
  };
  const add = (
    <Button
      icon="plus"
      onClick={() => {
        setOpen({ what: 'add' });
      }}
    >
      {t('add')}
    </Button>
  );
  return (
    <Card
      title={t(`tab.${channel}`)}
      description={t(`about.${channel}`)}
      actions={query.data?.length ? add : undefined}
      flush
    >
      <DataTable
        caption={t(`tab.${channel}`)}
        columns={columns}
        rows={query.data}
        rowKey={({ id }) => id}
        loading={query.isFetching}
        error={query.error}
        onRetry={() => void query.refetch()}
        empty={
          <Empty icon="forward" title={t('empty.title')} action={add}>
            {t('empty.text')}
          </Empty>
        }
      />
      {open?.what === 'add' && <RuleDialog channel={channel} onClose={close} />}
      {open?.what === 'edit' && <RuleDialog channel={channel} rule={open.rule} onClose={close} />}
      {open?.what === 'test' && <TestDialog rule={open.rule} onClose={close} />}
      {open?.what === 'delete' && <DeleteDialog rule={open.rule} onClose={close} />}
    </Card>
  );
}
