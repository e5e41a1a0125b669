import { useTranslation } from 'react-i18next';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { Audit, Privacy } from './queries';

const auditTones: Record<number, Tone> = {
  [Audit.Approved]: 'ok',
  [Audit.Rejected]: 'error',
  [Audit.Running]: 'info',
  [Audit.Withdrawn]: 'plain',
  [Audit.Delayed]: 'warn',
};

export function AuditTag({ status }: { status: number | undefined }) {
  const { t } = useTranslation('weapps');
  if (status === undefined) return <StatusTag tone="plain">{t('audit.none')}</StatusTag>;
  return (
    <StatusTag tone={auditTones[status] ?? 'plain'}>
      {t(`audit.${status}` as 'audit.0', { defaultValue: String(status) })}
    </StatusTag>
  );
}

export function ServiceTag({ status, released }: { status: number; released: boolean }) {
  const { t } = useTranslation('weapps');
  if (!released) return <StatusTag tone="plain">{t('service.unreleased')}</StatusTag>;
  return status === 1 ? (
    <StatusTag tone="ok">{t('service.open')}</StatusTag>
  ) : (
    <StatusTag tone="warn">{t('service.suspended')}</StatusTag>
  );
}

const privacyTones: Record<number, Tone> = {
  [Privacy.Checking]: 'info',
  [Privacy.Clean]: 'ok',
  [Privacy.Findings]: 'warn',
};

export function PrivacyTag({ state }: { state: number }) {
  const { t } = useTranslation('weapps');
  return (
    <StatusTag tone={privacyTones[state] ?? 'plain'}>
      {t(`privacy.${state}` as 'privacy.0', { defaultValue: String(state) })}
    </StatusTag>
  );
}
