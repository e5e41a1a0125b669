import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { CopyButton } from '@/components/CopyButton';
import { FailureNotice } from '@/components/FailureNotice';
import { Details } from '@/components/Details';
import { IconButton } from '@/components/IconButton';
import { loadAccessToken, loadRefreshToken } from './queries';
import styles from './accounts.module.css';

export function Tokens({ appid }: { appid: string }) {
  const { t } = useTranslation('accounts');
  return (
    <section>
      <h3 className={styles.heading}>{t('token.title')}</h3>
      <Details
        rows={[
          [
            t('token.access'),
            <Token key="a" name={t('token.access')} load={() => loadAccessToken(appid)} />,
          ],
          [
            t('token.refresh'),
            <Token key="r" name={t('token.refresh')} load={() => loadRefreshToken(appid)} />,
          ],
        ]}
      />
    </section>
  );
}

/** Fetched only when it is asked for, and forgotten with the drawer. */
function Token({ name, load }: { name: string; load: () => Promise<string> }) {
  const { t } = useTranslation('accounts');
  const token = useMutation({ mutationFn: load, gcTime: 0, meta: { errorShown: true } });
  if (token.data === undefined) {
    return (
      <>
        <Button
          size="small"
          variant="outline"
          theme="default"
          icon="eye"
          loading={token.isPending}
          onClick={() => {
            token.mutate();
          }}
        >
          {t('common:secret.show', { name })}
        </Button>
        <FailureNotice error={token.error} />
      </>
    );
  }
  return (
    <span className={styles.copy}>
      <code>{token.data}</code>
      <CopyButton text={token.data} label={t('common:copy.named', { name })} />
      <IconButton icon="eyeOff" label={t('common:secret.hide', { name })} onClick={token.reset} />
    </span>
  );
}
