import { useTranslation } from 'react-i18next';
import { Segmented } from '@/components/Segmented';
import { RangeField } from './RangeField';
import { type FilterState, rangeNames } from './useFilter';
import styles from './RangeBar.module.css';

interface Props {
  state: FilterState;
  onChange: (part: Partial<FilterState>) => void;
}

/** The time range, and the zone in which times are shown. */
export function RangeBar({ state, onChange }: Props) {
  const { t } = useTranslation('messages');
  const zone = state.zone === 'utc' ? 'utc' : 'local';
  return (
    <div className={styles.bar}>
      <div className={styles.choices}>
        <Segmented
          label={t('filter.range')}
          value={rangeNames.find((name) => name === state.range) ?? 'all'}
          items={rangeNames.map((name) => ({ value: name, label: t(`range.${name}`) }))}
          onChange={(range) => {
            onChange({ range, from: '', to: '' });
          }}
        />
      </div>
      <div className={styles.choices}>
        <Segmented
          label={t('filter.zone')}
          value={zone}
          items={[
            { value: 'local', label: t('common:time.local') },
            { value: 'utc', label: 'UTC' },
          ]}
          onChange={(next) => {
            onChange({ zone: next });
          }}
        />
      </div>
      {state.range === 'custom' && (
        <RangeField from={state.from} to={state.to} zone={zone} onChange={onChange} />
      )}
    </div>
  );
}
