import { useTranslation } from 'react-i18next';
import { AddressFields } from '@/components/AddressFields';
import type { RuleFormState } from './form';
import type { Channel } from './queries';

interface Props {
  channel: Channel;
  form: RuleFormState;
}

/** Where the pushes go: a program in this container, or any address. */
export function TargetFields({ channel, form }: Props) {
  const { t } = useTranslation('rules');
  const { values, errors, set } = form;
  return (
    <AddressFields
      label={t('field.target')}
      place={values.target}
      onPlace={(target) => {
        set('target', target);
      }}
      values={values}
      errors={errors}
      set={set}
      withAppid={channel === 'biz'}
    />
  );
}
