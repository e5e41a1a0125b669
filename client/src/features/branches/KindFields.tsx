import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { SuggestField } from '@/components/Field';
import { Segmented } from '@/components/Segmented';
import { knownKinds } from '@/lib/pushKinds';
import { type BranchForm, type BranchFormState, membersOf, shownMembers } from './form';
import styles from './branches.module.css';

/** Which kinds of pushes the rule is about. WeChat may add kinds any day, so any name will do. */
export function KindFields({ form }: { form: BranchFormState }) {
  const { t } = useTranslation('branches');
  const { values, errors, set } = form;
  const members = shownMembers(values);
  const choose = (channel: BranchForm['channel']) => {
    const own: readonly string[] = membersOf[channel];
    set('channel', channel);
    // What the other channel's fields say would leave nothing to be met.
    members
      .filter((member) => !own.includes(member))
      .forEach((member) => {
        set(member, '');
      });
  };
  return (
    <>
      <div>
        <Segmented
          label={t('field.channel')}
          value={values.channel}
          items={[
            { value: '', label: t('channel.any') },
            { value: 'biz', label: t('channel.biz') },
            { value: 'component', label: t('channel.component') },
          ]}
          onChange={choose}
        />
      </div>
      {members.length > 0 && (
        <div className={styles.fields}>
          {members.map((member) => (
            <SuggestField
              key={member}
              label={t(`field.${member}`)}
              placeholder={t('hint.any')}
              mono
              autoCapitalize="off"
              maxLength={200}
              suggestions={member === 'eventKey' ? [] : knownKinds(t as TFunction, member)}
              value={values[member]}
              error={errors[member]}
              onChange={(value) => {
                set(member, value);
              }}
            />
          ))}
        </div>
      )}
    </>
  );
}
