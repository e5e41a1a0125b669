import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { SwitchField, TextAreaField, TextField } from '@/components/Field';
import { CheckGroup } from './CheckGroup';
import { limits, makesContent, methods, noContent, otherContent, scenes } from './form';
import type { useAuditForm } from './useAuditForm';
import styles from './submitAudit.module.css';

/** What users may publish in the mini program, and how it is looked at. */
export function UgcCard({ audit }: { audit: ReturnType<typeof useAuditForm> }) {
  const { t } = useTranslation('submitAudit');
  const { form, errors, set } = audit;
  return (
    <Card title={t('ugc.title')} description={t('ugc.text')}>
      <div className={styles.fields}>
        <CheckGroup
          label={t('ugc.scene')}
          error={errors['ugcDeclare.scene']}
          value={form.scene}
          options={scenes.map((scene) => ({ value: scene, label: t(`scene.${scene}`) }))}
          onChange={(next) => {
            set({ scene: withoutContradiction(form.scene, next) });
          }}
        />
        {form.scene.includes(otherContent) && (
          <TextField
            label={t('ugc.otherScene')}
            maxLength={limits.ugc}
            value={form.otherSceneDesc}
            error={errors['ugcDeclare.otherSceneDesc']}
            onChange={(otherSceneDesc) => {
              set({ otherSceneDesc });
            }}
          />
        )}
        {makesContent(form) && (
          <>
            <CheckGroup
              label={t('ugc.method')}
              error={errors['ugcDeclare.method']}
              value={form.method}
              options={methods.map((method) => ({ value: method, label: t(`method.${method}`) }))}
              onChange={(method) => {
                set({ method });
              }}
            />
            <SwitchField
              label={t('ugc.team')}
              checked={form.hasAuditTeam}
              onChange={(hasAuditTeam) => {
                set({ hasAuditTeam });
              }}
            />
            <TextAreaField
              label={t('ugc.desc')}
              maxLength={limits.ugc}
              value={form.auditDesc}
              error={errors['ugcDeclare.auditDesc']}
              onChange={(auditDesc) => {
                set({ auditDesc });
              }}
            />
          </>
        )}
      </div>
    </Card>
  );
}

/** "None" and any other exclude each other: the one chosen last stays. */
function withoutContradiction(before: number[], next: number[]): number[] {
  const choseNone = next.includes(noContent) && !before.includes(noContent);
  return next.filter((each) => next.length === 1 || (each === noContent) === choseNone);
}
