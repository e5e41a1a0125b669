import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { Empty, QueryView } from '@/components/states';
import { useAccountNames } from '@/hooks/useAccountSearch';
import { targetListQuery } from '@/hooks/useTargetList';
import { BranchDialog } from './BranchDialog';
import { BranchItem } from './BranchItem';
import { DeleteDialog } from './DeleteDialog';
import { OlderRules } from './OlderRules';
import { type Branch, branchesQuery } from './queries';
import styles from './branches.module.css';
import { useOrder } from './useOrder';

type Open = { what: 'add' } | { what: 'edit' | 'delete'; branch: Branch } | null;

/** The rules by conditions, in their order, and what can be done with them. */
export function BranchBoard() {
  const { t } = useTranslation('branches');
  const [open, setOpen] = useState<Open>(null);
  const query = useQuery(branchesQuery);
  const targets = useQuery(targetListQuery).data ?? [];
  const appids = (query.data ?? []).flatMap(({ conditions }) => conditions.accounts ?? []);
  const names = useAccountNames([...new Set(appids)]);
  const order = useOrder(query.data ?? []);
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
      title={t('title')}
      description={t('about')}
      actions={query.data?.length ? add : undefined}
      flush
    >
      <QueryView query={query} lines={6}>
        {(branches) =>
          branches.length === 0 ? (
            <Empty icon="forward" title={t('empty.title')} action={add}>
              {t('empty.text')}
            </Empty>
          ) : (
            <ol className={styles.list} aria-label={t('title')}>
              {branches.map((branch, at) => (
                <BranchItem
                  key={branch.id}
                  branch={branch}
                  place={at + 1}
                  last={at === branches.length - 1}
                  targets={targets}
                  accountNames={names}
                  onMove={(by) => {
                    order.move(at, by);
                  }}
                  onEdit={() => {
                    setOpen({ what: 'edit', branch });
                  }}
                  onDelete={() => {
                    setOpen({ what: 'delete', branch });
                  }}
                />
              ))}
            </ol>
          )
        }
      </QueryView>
      <OlderRules />
      {open?.what === 'add' && <BranchDialog onClose={close} />}
      {open?.what === 'edit' && <BranchDialog branch={open.branch} onClose={close} />}
      {open?.what === 'delete' && <DeleteDialog branch={open.branch} onClose={close} />}
    </Card>
  );
}
