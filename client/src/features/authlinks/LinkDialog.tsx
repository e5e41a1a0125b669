import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { SelectField, TextField } from '@/components/Field';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { type AuthType, authTypes, fitting, isWebAddress, typeName } from './names';
import { PermissionPicker } from './PermissionPicker';
import { createLink, linksQuery, permissionsQuery } from './queries';
import styles from './authlinks.module.css';

const blank = {
  name: '',
  state: '',
  authType: '6' as AuthType,
  bizAppid: '',
  categoryIds: [] as number[],
  validDays: '',
  redirectUrl: '',
};

const longest = { name: 64, state: 128, bizAppid: 32, validDays: 4, redirectUrl: 1024 };

type Text = keyof typeof longest;

/** Makes a link for one merchant. */
export function LinkDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('authlinks');
  const client = useQueryClient();
  const permissions = useQuery(permissionsQuery);
  const form = useForm({
    initial: blank,
    check: ({ bizAppid, validDays, redirectUrl }) => ({
      ...(!/^[0-9a-zA-Z]*$/.test(bizAppid.trim()) && { bizAppid: t('problem.bizAppid') }),
      ...(!(Number(validDays) >= 0 && Number(validDays) <= 3650) && {
        validDays: t('problem.validDays'),
      }),
      ...(redirectUrl.trim() !== '' &&
        !isWebAddress(redirectUrl.trim()) && { redirectUrl: t('problem.url') }),
    }),
    submit: async (values) => {
      const offered = fitting(permissions.data ?? [], values.authType).map(({ id }) => id);
      await createLink({
        name: values.name.trim(),
        state: values.state.trim(),
        authType: Number(values.authType),
        bizAppid: values.bizAppid.trim(),
        categoryIds: values.categoryIds.filter((id) => offered.includes(id)),
        validDays: Math.floor(Number(values.validDays)),
        redirectUrl: values.redirectUrl.trim(),
      });
      void client.invalidateQueries({ queryKey: linksQuery.queryKey });
      toast.ok(t('added'));
      onClose();
    },
  });
  const text = (name: Text) => (
    <TextField
      key={name}
      label={t(`field.${name}`)}
      help={t(`help.${name}`)}
      maxLength={longest[name]}
      value={form.values[name]}
      error={form.errors[name]}
      {...(name === 'name' && { 'data-autofocus': true })}
      {...(name === 'validDays' && { inputMode: 'numeric' as const })}
      onChange={(value) => {
        form.set(name, value);
      }}
    />
  );
  return (
    <FormDialog title={t('add')} width={680} form={form} onClose={onClose} submit={t('create')}>
      <div className={styles.fields}>
        {text('name')}
        {text('state')}
        <SelectField
          label={t('field.authType')}
          value={form.values.authType}
          error={form.errors.authType}
          options={authTypes.map((value) => ({ value, label: typeName(t, Number(value)) }))}
          onChange={(authType) => {
            form.set('authType', authType);
          }}
        />
        {text('bizAppid')}
        {text('validDays')}
      </div>
      {text('redirectUrl')}
      <PermissionPicker
        query={permissions}
        type={form.values.authType}
        chosen={form.values.categoryIds}
        error={form.errors.categoryIds}
        onChange={(categoryIds) => {
          form.set('categoryIds', categoryIds);
        }}
      />
    </FormDialog>
  );
}
