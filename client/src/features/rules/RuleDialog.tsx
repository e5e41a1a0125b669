import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { SwitchField, TextField } from '@/components/Field';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { DeliveryFields } from './DeliveryFields';
import { blank, fromRule, problems, renameField } from './form';
import { KindFields } from './KindFields';
import { type Channel, type Rule, ruleKeys, saveRule } from './queries';
import { TargetFields } from './TargetFields';

interface Props {
  channel: Channel;
  /** The one to change; none to add one. */
  rule?: Rule;
  onClose: () => void;
}

export function RuleDialog({ channel, rule, onClose }: Props) {
  const { t } = useTranslation('rules');
  const client = useQueryClient();
  const form = useForm({
    initial: rule ? fromRule(rule) : blank,
    check: (values) =>
      Object.fromEntries(
        Object.entries(problems(channel, values)).map(([field, problem]) => [
          field,
          t(`problem.${problem}`),
        ]),
      ),
    submit: async (values) => {
      await saveRule(rule?.id, values).catch((error: unknown) => {
        throw renameField(error);
      });
      void client.invalidateQueries({ queryKey: ruleKeys.all });
      toast.ok(t('saved'));
      onClose();
    },
  });
  return (
    <FormDialog title={t(rule ? 'edit.title' : 'add')} width={640} form={form} onClose={onClose}>
      <TextField
        label={t('field.name')}
        data-autofocus
        maxLength={64}
        value={form.values.name}
        error={form.errors.name}
        onChange={(value) => {
          form.set('name', value);
        }}
      />
      <KindFields channel={channel} form={form} />
      <TargetFields channel={channel} form={form} />
      <DeliveryFields form={form} />
      <SwitchField
        label={t('field.open')}
        checked={form.values.open}
        onChange={(open) => {
          form.set('open', open);
        }}
      />
    </FormDialog>
  );
}
