import { useTranslation } from 'react-i18next';
import { TextField } from '@/components/Field';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { useAddView } from './views';

/** Asks for the name under which the page as it stands is kept. */
export function SaveViewDialog({ query, onClose }: { query: string; onClose: () => void }) {
  const { t } = useTranslation('messages');
  const add = useAddView();
  const form = useForm({
    initial: { name: '' },
    check: ({ name }) => (name.trim() ? {} : { name: t('views.nameMissing') }),
    submit: async ({ name }) => {
      await add.mutateAsync({ name: name.trim(), query });
      toast.ok(t('views.saved', { name: name.trim() }));
      onClose();
    },
  });
  return (
    <FormDialog title={t('views.save')} width={440} form={form} onClose={onClose}>
      <TextField
        label={t('views.name')}
        help={t('views.help')}
        value={form.values.name}
        error={form.errors.name}
        maxLength={64}
        data-autofocus
        onChange={(name) => {
          form.set('name', name);
        }}
      />
    </FormDialog>
  );
}
