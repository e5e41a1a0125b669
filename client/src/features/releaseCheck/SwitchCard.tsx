import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { errorText } from '@/components/errorText';
import { SwitchField } from '@/components/Field';
import { Notice } from '@/components/Notice';
import { QueryView } from '@/components/states';
import { toast } from '@/components/toast';
import { releaseCheckQuery, switchReleaseCheck } from './queries';
import styles from './releaseCheck.module.css';

/** Whether the check is answered. A change counts at once, and is shown before the service says so. */
export function SwitchCard() {
  const { t } = useTranslation('releaseCheck');
  const client = useQueryClient();
  const query = useQuery(releaseCheckQuery);
  const mutation = useMutation({
    mutationFn: switchReleaseCheck,
    onSuccess: (_, enabled) => {
      toast.ok(t(enabled ? 'switch.savedOn' : 'switch.savedOff'));
    },
    onSettled: () => client.invalidateQueries({ queryKey: releaseCheckQuery.queryKey }),
  });
  return (
    <Card title={t('switch.title')}>
      <QueryView query={query} lines={2}>
        {({ enabled }) => (
          <div className={styles.stack}>
            <SwitchField
              label={t('switch.label')}
              help={t('switch.help')}
              checked={mutation.isPending ? mutation.variables : enabled}
              disabled={mutation.isPending}
              onChange={(on) => {
                mutation.mutate(on);
              }}
            />
            {mutation.isError && (
              <Notice tone="error" live>
                {errorText(t, mutation.error).message}
              </Notice>
            )}
            {!enabled && <Notice tone="warn">{t('switch.off')}</Notice>}
          </div>
        )}
      </QueryView>
    </Card>
  );
}
