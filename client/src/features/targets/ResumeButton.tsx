import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { pauseTarget, type Target } from './queries';
import { useDeed } from './useDeed';

/** Lets a paused target's deliveries go on. */
export function ResumeButton({ target: { id, name } }: { target: Target }) {
  const { t } = useTranslation('targets');
  const resume = useDeed({
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
