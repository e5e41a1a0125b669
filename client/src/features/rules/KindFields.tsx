import { useTranslation } from 'react-i18next';
import { SuggestField } from '@/components/Field';
import type { RuleFormState } from './form';
import { suggestionsFor } from './kinds';
import type { Channel } from './queries';
import styles from './rules.module.css';

interface Props {
  channel: Channel;
  form: RuleFormState;
}

/** Which pushes the rule is about. WeChat may add kinds any day, so any name will do. */
export function KindFields({ channel, form }: Props) {
  const { t } = useTranslation('rules');
  const members =
    channel === 'component' ? (['infoType'] as const) : (['msgType', 'event'] as const);
  return (
    <div className={styles.fields}>
      {members.map((member) => (
        <SuggestField
          key={member}
          label={t(`field.${member}`)}
          help={t(`help.${member}`)}
          placeholder={t('hint.kind')}
          mono
          autoCapitalize="off"
          suggestions={suggestionsFor(t, member)}
          value={form.values[member]}
          error={form.errors[member]}
          onChange={(value) => {
            form.set(member, value);
          }}
        />
      ))}
    </div>
  );
}
