import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TextField } from '@/components/Field';
import { Segmented } from '@/components/Segmented';
import { ChoiceField } from '@/components/ChoiceField';
import { events, infoTypes, msgTypes } from './names';
import { RangeField } from './RangeField';
import type { Channel } from './types';
import { type FilterState, rangeNames } from './useFilter';
import styles from './FilterBar.module.css';

interface Props {
  channel: Channel;
  state: FilterState;
  onChange: (part: Partial<FilterState>) => void;
}

export function FilterBar({ channel, state, onChange }: Props) {
  const { t } = useTranslation('messages');
  const named = (group: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`${group}.${value}`, { defaultValue: value }) }));
  return (
    <div className={styles.bar} role="search" aria-label={t('filter.label')}>
      {channel === 'component' ? (
        <ChoiceField
          label={t('filter.infoType')}
          placeholder={t('filter.any')}
          value={state.infoType}
          options={named('infoType', infoTypes)}
          onChange={(infoType) => {
            onChange({ infoType });
          }}
        />
      ) : (
        <>
          <AppidField
            key={state.appid}
            value={state.appid}
            onCommit={(appid) => {
              onChange({ appid });
            }}
          />
          <ChoiceField
            label={t('filter.msgType')}
            placeholder={t('filter.any')}
            value={state.msgType}
            options={named('msgType', msgTypes)}
            onChange={(msgType) => {
              onChange({ msgType });
            }}
          />
          <ChoiceField
            label={t('filter.event')}
            placeholder={t('filter.any')}
            value={state.event}
            options={named('event', events)}
            onChange={(event) => {
              onChange({ event });
            }}
          />
        </>
      )}
      <div className={styles.range}>
        <span className={styles.rangeLabel} aria-hidden="true">
          {t('filter.range')}
        </span>
        <Segmented
          label={t('filter.range')}
          value={rangeNames.find((name) => name === state.range) ?? 'all'}
          items={rangeNames.map((name) => ({ value: name, label: t(`range.${name}`) }))}
          onChange={(range) => {
            onChange({ range, from: '', to: '' });
          }}
        />
      </div>
      {state.range === 'custom' && (
        <RangeField from={state.from} to={state.to} onChange={onChange} />
      )}
    </div>
  );
}

/** Typed or pasted; takes effect on Enter or on leaving, not with each letter. */
function AppidField({ value, onCommit }: { value: string; onCommit: (value: string) => void }) {
  const { t } = useTranslation('messages');
  const [draft, setDraft] = useState(value);
  const commit = () => {
    if (draft.trim() !== value) onCommit(draft.trim());
  };
  return (
    <TextField
      label={t('filter.appid')}
      placeholder="wx…"
      type="search"
      value={draft}
      onChange={setDraft}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}
