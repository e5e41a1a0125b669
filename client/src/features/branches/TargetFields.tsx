import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { SelectField } from '@/components/Field';
import { Notice } from '@/components/Notice';
import { PickField } from '@/components/PickField';
import { targetListQuery } from '@/hooks/useTargetList';
import { paths } from '@/lib/paths';
import type { BranchFormState } from './form';

/** Where the rule leads, and whether WeChat waits. */
export function TargetFields({ form }: { form: BranchFormState }) {
  const { t } = useTranslation('branches');
  const { values, errors, set } = form;
  const targets = useQuery(targetListQuery).data;
  return (
    <>
      {targets?.length === 0 && (
        <Notice tone="warn">
          {t('noTargets')} <Link to={paths.forwardTargets}>{t('addTargets')}</Link>
        </Notice>
      )}
      <PickField
        label={t('field.targets')}
        help={t(values.mode === 'sync' ? 'help.targetsSync' : 'help.targets')}
        placeholder={t('hint.targets')}
        values={values.targets.map(String)}
        error={errors.targets}
        options={(targets ?? []).map(({ id, name, url, port, path }) => ({
          value: String(id),
          label: name,
          note: url || `127.0.0.1:${port}${path}`,
        }))}
        onChange={(next) => {
          set('targets', next.map(Number));
        }}
      />
      <SelectField
        label={t('field.mode')}
        help={t(`modeHelp.${values.mode}`)}
        value={values.mode}
        error={errors.mode}
        options={[
          { value: 'async', label: t('mode.asyncLong') },
          { value: 'sync', label: t('mode.syncLong') },
        ]}
        onChange={(mode) => {
          set('mode', mode);
        }}
      />
    </>
  );
}
