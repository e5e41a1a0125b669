import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { CopyButton } from '@/components/CopyButton';
import { Details } from '@/components/Details';
import { QueryView } from '@/components/states';
import { callbackQuery } from './queries';
import styles from './CallbackCard.module.css';

/** The addresses to enter in the WeChat open platform. */
export function CallbackCard() {
  const { t } = useTranslation('secrets');
  const query = useQuery(callbackQuery);
  return (
    <Card title={t('callback.title')} description={t('callback.text')}>
      <QueryView query={query}>
        {(config) => (
          <Details
            rows={[
              [t('callback.component'), <Address key="c" path={config.componentPath} />],
              [t('callback.biz'), <Address key="b" path={config.bizPath} />],
              [t('callback.format'), config.textMode.toUpperCase()],
              [t('callback.env'), config.envId],
              [t('callback.service'), config.service],
            ]}
          />
        )}
      </QueryView>
    </Card>
  );
}

function Address({ path }: { path: string }) {
  const address = window.location.origin + path;
  return (
    <span className={styles.address}>
      <code>{address}</code>
      <CopyButton text={address} />
    </span>
  );
}
