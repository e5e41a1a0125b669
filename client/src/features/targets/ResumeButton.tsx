import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { pauseTarget, type Target } from './queries';
import { useTargetDeed } from './useTargetDeed';

/** Lets a paused target's deliveries go on. */
export function ResumeButton({ target: { id, name } }: { target: Target }) {
  const { t } = useTranslation('targets');
  const resume = useTargetDeed({
    deed: () => pauseTarget(id, false),
    done: t('resume.done', { name }),
  });
  return (
    <Button
      size="small"
      icon="play"
      aria-label={t('resume.button', { name })}
      loading={resume.isPending}
      onClick={() => {
        resume.mutate(undefined);
      }}
    >
      {t('deed.resume')}
    </Button>
  );
}
