import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Button, ButtonLink } from '@/components/Button';
import { Card } from '@/components/Card';
import { FailureNotice } from '@/components/FailureNotice';
import { SwitchField, TextAreaField } from '@/components/Field';
import { Notice } from '@/components/Notice';
import { Stack } from '@/components/Stack';
import { toast } from '@/components/toast';
import { paths } from '@/lib/paths';
import { ItemsCard } from './ItemsCard';
import { limits } from './form';
import { MediaField } from './MediaField';
import { categoriesQuery, submitAudit } from './queries';
import { UgcCard } from './UgcCard';
import { useAuditForm } from './useAuditForm';
import styles from './submitAudit.module.css';

export function SubmitAuditForm({ appid }: { appid: string }) {
  const { t } = useTranslation('submitAudit');
  const client = useQueryClient();
  const navigate = useNavigate();
  const back = `${paths.miniProgramVersion}?appId=${appid}`;
  const categories = useQuery(categoriesQuery(appid));
  const audit = useAuditForm(async (form) => {
    const { auditIdText } = await submitAudit(appid, form, categories.data ?? []);
    void client.invalidateQueries({ queryKey: ['weapps'] });
    toast.ok(t('done', { id: auditIdText }));
    await navigate(back);
  });
  const { form, errors, set } = audit;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!audit.busy) void audit.send();
      }}
    >
      <Stack>
        <ItemsCard appid={appid} audit={audit} categories={categories} />
        <Card title={t('preview.title')} description={t('preview.text')}>
          <div className={styles.fields}>
            <MediaField appid={appid} name="pictures" audit={audit} />
            <MediaField appid={appid} name="videos" audit={audit} />
            <TextAreaField
              label={t('field.versionDesc')}
              help={t('field.versionDescHelp')}
              value={form.versionDesc}
              error={errors.versionDesc}
              onChange={(versionDesc) => {
                set({ versionDesc });
              }}
            />
          </div>
        </Card>
        <UgcCard audit={audit} />
        <Card title={t('more.title')}>
          <div className={styles.fields}>
            <TextAreaField
              label={t('field.feedbackInfo')}
              help={t('field.feedbackHelp', { max: limits.feedback })}
              maxLength={limits.feedback}
              value={form.feedbackInfo}
              error={errors.feedbackInfo}
              onChange={(feedbackInfo) => {
                set({ feedbackInfo });
              }}
            />
            <MediaField appid={appid} name="feedback" audit={audit} />
            <SwitchField
              label={t('field.privacy')}
              help={t('field.privacyHelp')}
              checked={form.privacyApiNotUse}
              onChange={(privacyApiNotUse) => {
                set({ privacyApiNotUse });
              }}
            />
          </div>
        </Card>
        <FailureNotice error={audit.failure} />
        {Object.keys(errors).length > 0 && (
          <Notice tone="error" live>
            {t('wrong.some')}
          </Notice>
        )}
        <div className={styles.buttons}>
          <Button type="submit" loading={audit.busy} disabled={!categories.data}>
            {t('submit')}
          </Button>
          <ButtonLink to={back} variant="outline" theme="default">
            {t('common:action.cancel')}
          </ButtonLink>
        </div>
      </Stack>
    </form>
  );
}
