import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { SelectField, SwitchField, TextField } from '@/components/Field';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { AddressFields } from './AddressFields';
import { EventPicker } from './EventPicker';
import { blank, fromChannel, problems } from './form';
import { addChannel, type Channel, notifyKeys, saveChannel } from './queries';
import styles from './notify.module.css';

interface Props {
  /** The one to change; none to add one. */
  channel?: Channel;
  onClose: () => void;
  /** Told when it was saved, with the secret that was made for a new channel. */
  onDone: (secret?: string) => void;
}

export function ChannelDialog({ channel, onClose, onDone }: Props) {
  const { t } = useTranslation('notify');
  const client = useQueryClient();
  const form = useForm({
    initial: channel ? fromChannel(channel) : blank,
    check: (values) =>
      Object.fromEntries(
        Object.entries(problems(values, !channel)).map(([field, problem]) => [
          field,
          t(`problem.${problem}`),
        ]),
      ),
    submit: async (values) => {
      const secret = channel ? await saveChannel(channel.id, values) : await addChannel(values);
      void client.invalidateQueries({ queryKey: notifyKeys.all });
      toast.ok(t('saved'));
      onDone(secret ?? undefined);
    },
  });
  return (
    <FormDialog title={t(channel ? 'edit.title' : 'add')} width={640} form={form} onClose={onClose}>
      <AddressFields form={form} channel={channel} />
      <div className={styles.fields}>
        <TextField
          label={t('field.name')}
          maxLength={64}
          placeholder={t('placeholder.name')}
          value={form.values.name}
          error={form.errors.name}
          onChange={(value) => {
            form.set('name', value);
          }}
        />
        <SelectField
          label={t('field.language')}
          value={form.values.language}
          error={form.errors.language}
          options={[
            { value: 'zh', label: t('language.zh') },
            { value: 'en', label: t('language.en') },
          ]}
          onChange={(language) => {
            form.set('language', language);
          }}
        />
      </div>
      <EventPicker
        value={form.values.events}
        error={form.errors.events}
        onChange={(events) => {
          form.set('events', events);
        }}
      />
      <SwitchField
        label={t('field.enabled')}
        checked={form.values.enabled}
        onChange={(enabled) => {
          form.set('enabled', enabled);
        }}
      />
    </FormDialog>
  );
}
