import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { IconButton } from '@/components/IconButton';
import { StatusTag } from '@/components/StatusTag';
import type { Target } from '@/hooks/useTargetList';
import { paths } from '@/lib/paths';
import { BranchSwitch } from './BranchSwitch';
import type { Branch } from './queries';
import styles from './branches.module.css';
import { Words } from './Words';

interface Props {
  branch: Branch;
  /** Counted from 1. */
  place: number;
  last: boolean;
  targets: Target[];
  accountNames: Record<string, string>;
  onMove: (by: 1 | -1) => void;
  onEdit: () => void;
  onDelete: () => void;
}

/** One rule: what it asks for, where it leads, and its place among the others. */
export function BranchItem({ branch, place, last, onMove, onEdit, onDelete, ...rest }: Props) {
  const { t } = useTranslation('branches');
  const { name, open, mode, stop } = branch;
  return (
    <li className={styles.item} aria-label={name}>
      <div className={styles.place}>
        <IconButton
          icon="arrowUp"
          iconSize={15}
          label={t('up', { name })}
          disabled={place === 1}
          onClick={() => {
            onMove(-1);
          }}
        />
        <span aria-label={t('place', { place })}>{place}</span>
        <IconButton
          icon="arrowDown"
          iconSize={15}
          label={t('down', { name })}
          disabled={last}
          onClick={() => {
            onMove(1);
          }}
        />
      </div>
      <div className={styles.what}>
        <div className={styles.itemHead}>
          <h3>{name}</h3>
          <StatusTag tone={mode === 'sync' ? 'info' : 'plain'}>
            {t(mode === 'sync' ? 'mode.sync' : 'mode.async')}
          </StatusTag>
          {!open && <StatusTag tone="plain">{t('off')}</StatusTag>}
          {stop && <StatusTag tone="warn">{t('stops')}</StatusTag>}
        </div>
        <Words conditions={branch.conditions} accountNames={rest.accountNames} />
        <Leads branch={branch} targets={rest.targets} />
      </div>
      <div className={styles.deeds}>
        <BranchSwitch branch={branch} />
        <IconButton icon="edit" label={t('edit.button', { name })} onClick={onEdit} />
        <IconButton icon="trash" label={t('delete.button', { name })} onClick={onDelete} />
      </div>
    </li>
  );
}

/** The targets by name, in the order in which they are asked. */
function Leads({ branch, targets }: { branch: Branch; targets: Target[] }) {
  const { t } = useTranslation('branches');
  if (branch.targets.length === 0) return <p className={styles.muted}>{t('leads.nowhere')}</p>;
  return (
    <p className={styles.leads}>
      <span className={styles.muted}>{t('leads.to')}</span>
      {branch.targets.map((id) => {
        const target = targets.find((each) => each.id === id);
        return (
          <Link key={id} to={`${paths.forwardTargets}?open=${id}`}>
            {target?.name ?? t('leads.unknown', { id })}
            {target?.paused && ` (${t('leads.paused')})`}
          </Link>
        );
      })}
    </p>
  );
}
