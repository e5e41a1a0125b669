import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { CodeView } from '@/components/CodeView';
import { Notice } from '@/components/Notice';
import { Dialog } from '@/components/Overlay';
import { QueryView } from '@/components/states';
import { nameOf, targetOf } from './kinds';
import { type Rule, testRule } from './queries';
import styles from './rules.module.css';

/** Sends a sample to the rule's target and shows how it took it. */
export function TestDialog({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { t } = useTranslation('rules');
  const run = useId();
  const query = useQuery({
    queryKey: ['rule-test', rule.id, run],
    queryFn: () => testRule(rule.id),
    enabled: rule.open === 1,
    retry: false,
    gcTime: 0,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  const name = nameOf(t, rule);
  return (
    <Dialog
      title={t('test.title', { name })}
      width={600}
      onClose={onClose}
      footer={
        rule.open === 1 && (
          <Button
            variant="outline"
            icon="refresh"
            loading={query.isFetching}
            onClick={() => void query.refetch()}
          >
            {t('test.again')}
          </Button>
        )
      }
    >
      <div className={styles.form}>
        <p>
          {t('test.text')} <code className={styles.target}>{targetOf(rule)}</code>
        </p>
        {rule.open !== 1 ? (
          <Notice tone="warn">{t('test.off')}</Notice>
        ) : (
          <QueryView query={query} lines={3}>
            {({ ok, text }) => (
              <>
                <Notice tone={ok ? 'ok' : 'error'} live>
                  {t(ok ? (text ? 'test.ok' : 'test.silent') : 'test.failed')}
                </Notice>
                {text && <CodeView text={text} label={t('test.answer')} />}
              </>
            )}
          </QueryView>
        )}
      </div>
    </Dialog>
  );
}
