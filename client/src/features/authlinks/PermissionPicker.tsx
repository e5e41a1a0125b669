import type { UseQueryResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { QueryView } from '@/components/states';
import { type AuthType, fitting, permissionName } from './names';
import type { PermissionSet } from './queries';
import styles from './authlinks.module.css';

interface Props {
  query: UseQueryResult<PermissionSet[]>;
  type: AuthType;
  chosen: number[];
  error: string | undefined;
  onChange: (chosen: number[]) => void;
}

/** The permission sets that a merchant is asked for, by the kind of account; none chosen asks for all. */
export function PermissionPicker({ query, type, chosen, error, onChange }: Props) {
  const { t } = useTranslation('authlinks');
  return (
    <details className={styles.permissions}>
      <summary>
        {t('permission.title')}{' '}
        <span className={styles.muted}>
          {chosen.length ? t('permission.count', { count: chosen.length }) : t('permission.all')}
        </span>
      </summary>
      {error && <p role="alert">{error}</p>}
      <QueryView query={query}>
        {(sets) =>
          [false, true].map((mini) => (
            <Group
              key={String(mini)}
              title={t(mini ? 'permission.mini' : 'permission.official')}
              sets={fitting(sets, type).filter((set) => set.miniProgram === mini)}
              chosen={chosen}
              onChange={onChange}
            />
          ))
        }
      </QueryView>
    </details>
  );
}

interface GroupProps extends Pick<Props, 'chosen' | 'onChange'> {
  title: string;
  sets: PermissionSet[];
}

function Group({ title, sets, chosen, onChange }: GroupProps) {
  const { t } = useTranslation('authlinks');
  if (sets.length === 0) return null;
  return (
    <fieldset className={styles.group}>
      <legend>{title}</legend>
      {sets.map((set) => (
        <label key={set.id} className={styles.choice}>
          <input
            type="checkbox"
            checked={chosen.includes(set.id)}
            onChange={(event) => {
              const others = chosen.filter((id) => id !== set.id);
              onChange(event.target.checked ? [...others, set.id] : others);
            }}
          />
          <span>
            {set.id} {permissionName(t, set)}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
