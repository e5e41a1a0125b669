import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError, Code } from '@/api/error';
import { Card } from '@/components/Card';
import { FailureNotice } from '@/components/FailureNotice';
import type { PartFailure } from './queries';
import styles from './weapps.module.css';

interface Props {
  title: string;
  tag: ReactNode;
  /** Why WeChat could not be asked; what is shown is then what was known before. */
  failures?: (PartFailure | undefined)[];
  /** A picture in base64, or nothing. */
  qrCode?: string | undefined;
  actions: ReactNode;
  children: ReactNode;
}

export function VersionCard({ title, tag, failures = [], qrCode, actions, children }: Props) {
  const { t } = useTranslation('weapps');
  return (
    <Card title={title} actions={tag}>
      <div className={styles.card}>
        {failures.map(
          (failure, at) =>
            failure && <FailureNotice key={at} quiet lead={t('stale')} error={asError(failure)} />,
        )}
        {children}
        {qrCode && (
          <img
            className={styles.qrcode}
            src={`data:image/jpeg;base64,${qrCode}`}
            alt={t('qrcodeOf', { title })}
            width={150}
            height={150}
          />
        )}
        <div className={styles.actions}>{actions}</div>
      </div>
    </Card>
  );
}

/** Errcode 0: WeChat was not reached. */
function asError(failure: PartFailure): ApiError {
  const { errcode, errmsg } = failure;
  return errcode === 0
    ? new ApiError(Code.CallFailed, errmsg)
    : new ApiError(Code.System, errmsg, { wx: failure });
}
