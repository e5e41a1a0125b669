import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { errorText } from '@/components/errorText';
import { TextField } from '@/components/Field';
import { Notice } from '@/components/Notice';
import { Dialog } from '@/components/Overlay';
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
  const failure = form.failure ? errorText(t, form.failure) : null;
  return (
    <Dialog
      title={t('views.save')}
      width={440}
      onClose={onClose}
      footer={
        <>
          <Button variant="outline" theme="default" onClick={onClose}>
            {t('common:action.cancel')}
          </Button>
          <Button type="submit" form="save-view" loading={form.busy}>
            {t('common:action.save')}
          </Button>
        </>
      }
    >
      <form id="save-view" noValidate onSubmit={form.onSubmit}>
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
      </form>
      {failure && (
        <Notice tone="error" live>
          {failure.message} {failure.remedy}
        </Notice>
      )}
    </Dialog>
  );
}
