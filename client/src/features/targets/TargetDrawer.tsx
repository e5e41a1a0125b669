import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Details } from '@/components/Details';
import { Notice } from '@/components/Notice';
import { Drawer } from '@/components/Overlay';
import { StatusTag } from '@/components/StatusTag';
import { TimeText } from '@/components/TimeText';
import { usualPauses } from '@/lib/schedule';
import type { Deed } from './DeedDialog';
import { DeedMenu } from './DeedMenu';
import { Failures } from './Failures';
import { HealthCharts } from './HealthCharts';
import {
  addressOf,
  counted,
  milliseconds,
  number,
  pauseReason,
  scheduleText,
  stateOf,
} from './names';
import type { Target } from './queries';
import { ResumeButton } from './ResumeButton';
import { Secrets } from './Secrets';
import styles from './targets.module.css';
import { VerifyCode } from './VerifyCode';

interface Props {
  target: Target;
  onDeed: (deed: Deed) => void;
  onClose: () => void;
}

/** All about one target. */
export function TargetDrawer({ target, onDeed, onClose }: Props) {
  const { t } = useTranslation('targets');
  const { name, health, paused } = target;
  const { tone, text, about } = stateOf(t, target);
  return (
    <Drawer
      title={name}
      width={760}
      onClose={onClose}
      extra={<DeedMenu target={target} onDeed={onDeed} />}
      footer={
        <>
          <Button
            variant="outline"
            theme="default"
            icon="send"
            onClick={() => {
              onDeed('test');
            }}
          >
            {t('deed.test')}
          </Button>
          {paused && <ResumeButton target={target} />}
        </>
      }
    >
      <div className={styles.drawer}>
        <div className={styles.state}>
          <StatusTag tone={tone}>{text}</StatusTag>
          <span>{about}</span>
        </div>
        {paused && (
          <Notice tone="warn">
            {t('pause.reasonIs', { reason: pauseReason(t, target) })}{' '}
            <TimeText at={target.pauseTime} relative />
          </Notice>
        )}
        <Details
          rows={[
            [t('field.address'), <code key="address">{addressOf(target)}</code>],
            [t('figure.pending'), counted(health.pending)],
            [t('figure.dead'), counted(health.dead)],
            ...settingsOf(t, target),
            [t('createTime'), <TimeText key="created" at={target.createTime} />],
          ]}
        />
        <HealthCharts id={target.id} />
        <Failures target={target.key} />
        <Secrets
          secrets={target.secrets}
          onRotate={() => {
            onDeed('rotate');
          }}
        />
        <VerifyCode />
      </div>
    </Drawer>
  );
}

/** What is set of the target, in words. */
function settingsOf(
  t: ReturnType<typeof useTranslation<'targets'>>['t'],
  target: Target,
): [string, string][] {
  const { format, timeoutMs, concurrency, rate, ordered, pauses } = target;
  return [
    [t('field.format'), t(format === 'json' ? 'format.json' : 'format.raw')],
    [t('field.schedule'), scheduleText(t, pauses.length > 0 ? pauses : usualPauses)],
    [t('field.timeout'), milliseconds(timeoutMs || 15_000)],
    [
      t('field.ordered'),
      ordered ? t('ordered.yes') : t('ordered.no', { count: concurrency || 16 }),
    ],
    [t('field.rate'), rate ? t('rate.perSecond', { rate: number(rate) }) : t('hint.unlimited')],
  ];
}
