import { useTranslation } from 'react-i18next';
import { ChoiceField } from '@/components/ChoiceField';
import { SelectField } from '@/components/Field';
import { useDestinations } from '@/hooks/useDestinations';
import { events, infoTypes, msgTypes } from './names';
import { TypedField } from './TypedField';
import { outcomes, type Tab } from './types';
import type { FilterState } from './useFilter';
import styles from './FilterBar.module.css';

interface Props {
  tab: Tab;
  state: FilterState;
  onChange: (part: Partial<FilterState>) => void;
}

export function FilterBar({ tab, state, onChange }: Props) {
  const { t } = useTranslation('messages');
  const destinations = useDestinations();
  const field = (name: 'appid' | 'text' | 'id') => ({
    label: t(`filter.${name}`),
    value: state[name],
    onCommit: (value: string) => {
      onChange({ [name]: value });
    },
  });
  return (
    <div className={styles.bar} role="search" aria-label={t('filter.label')}>
      <TypedField {...field('text')} placeholder={t('filter.textHint')} shortcut />
      <TypedField {...field('appid')} placeholder="wx…" />
      <KindFields tab={tab} state={state} onChange={onChange} />
      <SelectField
        label={t('filter.outcome')}
        value={outcomes.find((each) => each === state.outcome) ?? ''}
        options={[
          { value: '', label: t('filter.any') },
          ...outcomes.map((value) => ({ value, label: t(`outcome.${value}`) })),
        ]}
        onChange={(outcome) => {
          onChange({ outcome, ...(outcome === '' && { target: '' }) });
        }}
      />
      {state.outcome !== '' && (
        <SelectField
          label={t('filter.target')}
          value={state.target}
          options={[
            { value: '', label: t('filter.any') },
            ...destinations.list.map(({ key, name }) => ({ value: key, label: name })),
            ...(state.target && !destinations.list.some(({ key }) => key === state.target)
              ? [{ value: state.target, label: state.target }]
              : []),
          ]}
          onChange={(target) => {
            onChange({ target });
          }}
        />
      )}
      <TypedField {...field('id')} placeholder={t('filter.idHint')} />
    </div>
  );
}

function KindFields({ tab, state, onChange }: Props) {
  const { t } = useTranslation('messages');
  const named = (group: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`${group}.${value}`, { defaultValue: value }) }));
  const choice = (
    name: 'infoType' | 'msgType' | 'event' | 'kind',
    options: { value: string; label: string }[],
  ) => (
    <ChoiceField
      key={name}
      label={t(`filter.${name}`)}
      placeholder={t('filter.any')}
      value={state[name]}
      options={options}
      onChange={(value) => {
        onChange({ [name]: value });
      }}
    />
  );
  if (tab === 'component') {
    const changes = { value: infoTypes.slice(1, 4).join(','), label: t('infoType.changes') };
    return choice('infoType', [...named('infoType', infoTypes), changes]);
  }
  if (tab === 'biz') {
    return [choice('msgType', named('msgType', msgTypes)), choice('event', named('event', events))];
  }
  return choice('kind', [
    ...named('infoType', infoTypes),
    ...named('msgType', msgTypes),
    ...named('event', events),
  ]);
}
