import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { Empty, QueryView } from '@/components/states';
import { useUrlState } from '@/hooks/useUrlState';
import { DeedDialog, type Open } from './DeedDialog';
import { boardQuery } from './queries';
import { TargetCard } from './TargetCard';
import { TargetDrawer } from './TargetDrawer';
import styles from './targets.module.css';

const defaults = { open: '' };

/** All targets, how they do, and what can be done with them. */
export function TargetBoard() {
  const { t } = useTranslation('targets');
  const query = useQuery(boardQuery);
  const [{ open: shown }, change] = useUrlState(defaults);
  const [open, setOpen] = useState<Open>(null);
  const add = (
    <Button
      icon="plus"
      onClick={() => {
        setOpen({ deed: 'add' });
      }}
    >
      {t('add')}
    </Button>
  );
  const close = () => {
    setOpen(null);
  };
  const drawn = query.data?.find(({ id }) => String(id) === shown);
  return (
    <>
      <QueryView query={query} lines={8}>
        {(targets) =>
          targets.length === 0 ? (
            <Card>
              <Empty icon="target" title={t('empty.title')} action={add}>
                {t('empty.text')}
              </Empty>
            </Card>
          ) : (
            <>
              <div className={styles.bar}>
                <span>{t('total', { count: targets.length })}</span>
                {add}
              </div>
              <ul className={styles.cards}>
                {targets.map((target) => (
                  <li key={target.id}>
                    <TargetCard
                      target={target}
                      onOpen={() => {
                        change({ open: String(target.id) });
                      }}
                      onDeed={(deed) => {
                        setOpen({ deed, target });
                      }}
                    />
                  </li>
                ))}
              </ul>
            </>
          )
        }
      </QueryView>
      {drawn && (
        <TargetDrawer
          key={drawn.id}
          target={drawn}
          onDeed={(deed) => {
            setOpen({ deed, target: drawn });
          }}
          onClose={() => {
            change({ open: '' });
          }}
        />
      )}
      <DeedDialog open={open} onOpen={setOpen} onClose={close} />
    </>
  );
}
