import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { TextAreaField, TextField } from '@/components/Field';
import { FormDialog } from '@/components/FormDialog';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { checkExtJson, tidy } from './extJson';
import { commitCode, templatesQuery, weappKeys } from './queries';
import { TemplatePicker } from './TemplatePicker';

const empty = { templateId: '', userVersion: '', userDesc: '', extJson: '{}' };

/** Makes a template of the library the mini program's trial version. */
export function CommitDialog({ appid, onClose }: { appid: string; onClose: () => void }) {
  const { t } = useTranslation('weapps');
  const client = useQueryClient();
  const templates = useQuery(templatesQuery);
  const form = useForm({
    initial: empty,
    check: ({ templateId, userVersion, extJson }) => {
      const ext = checkExtJson(extJson);
      return {
        ...(templateId === '' && { templateId: t('commit.chooseTemplate') }),
        ...(userVersion.trim() === '' && { userVersion: t('commit.versionMissing') }),
        ...(ext && { extJson: t(`commit.${ext}`) }),
      };
    },
    submit: async ({ templateId, userVersion, userDesc, extJson }) => {
      await commitCode(appid, {
        templateId: Number(templateId),
        userVersion: userVersion.trim(),
        userDesc: userDesc.trim(),
        extJson: extJson.trim() || '{}',
      });
      void client.invalidateQueries({ queryKey: weappKeys.all });
      toast.ok(t('commit.done'));
      onClose();
    },
  });
  return (
    <FormDialog
      title={t('commit.title')}
      width={640}
      form={form}
      onClose={onClose}
      submit={t('commit.button')}
    >
      <TemplatePicker
        templates={templates}
        value={form.values.templateId}
        error={form.errors.templateId}
        onChoose={(template) => {
          form.set('templateId', String(template.templateId));
          if (!form.values.userVersion) form.set('userVersion', template.userVersion);
          if (!form.values.userDesc) form.set('userDesc', template.userDesc);
        }}
      />
      <TextField
        label={t('commit.version')}
        maxLength={64}
        value={form.values.userVersion}
        error={form.errors.userVersion}
        onChange={(value) => {
          form.set('userVersion', value);
        }}
      />
      <TextField
        label={t('commit.desc')}
        value={form.values.userDesc}
        error={form.errors.userDesc}
        onChange={(value) => {
          form.set('userDesc', value);
        }}
      />
      <TextAreaField
        label="ext.json"
        help={t('commit.extHelp')}
        mono
        rows={8}
        value={form.values.extJson}
        error={form.errors.extJson}
        onChange={(value) => {
          form.set('extJson', value);
        }}
        onBlur={() => {
          form.set('extJson', tidy(form.values.extJson));
        }}
      />
    </FormDialog>
  );
}
