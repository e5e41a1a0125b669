import { useTranslation } from 'react-i18next';
import { FailureNotice } from '@/components/FailureNotice';
import { SelectField } from '@/components/Field';
import { Notice } from '@/components/Notice';
import { formatTime } from '@/lib/time';
import type { Template } from './queries';

interface Props {
  templates: { data: Template[] | undefined; error: unknown; isPending: boolean };
  value: string;
  error: string | undefined;
  onChoose: (template: Template) => void;
}

/** The platform's template library, newest first. */
export function TemplatePicker({ templates, value, error, onChoose }: Props) {
  const { t } = useTranslation('weapps');
  if (templates.error && !templates.data) {
    return <FailureNotice error={templates.error} />;
  }
  const list = [...(templates.data ?? [])].sort((a, b) => b.createTime - a.createTime);
  if (!templates.isPending && list.length === 0) {
    return <Notice tone="warn">{t('commit.noTemplates')}</Notice>;
  }
  return (
    <SelectField
      label={t('commit.template')}
      value={value}
      error={error}
      disabled={templates.isPending}
      options={[
        { value: '', label: t(templates.isPending ? 'common:state.loading' : 'commit.choose') },
        ...list.map((template) => ({
          value: String(template.templateId),
          label: [
            `#${template.templateId}`,
            template.userVersion,
            template.userDesc,
            formatTime(template.createTime).slice(0, 10),
          ].join(' · '),
        })),
      ]}
      onChange={(id) => {
        const template = list.find(({ templateId }) => String(templateId) === id);
        if (template) onChoose(template);
      }}
    />
  );
}
