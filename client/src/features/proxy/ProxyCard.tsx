import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { Details } from '@/components/Details';
import { StatusTag } from '@/components/StatusTag';
import { QueryView } from '@/components/states';
import { ProxyForm } from './ProxyForm';
import { type ProxyState, proxyQuery } from './queries';
import styles from './proxy.module.css';

/** The switch that hands unknown paths to the provider's own service. */
export function ProxyCard() {
  const { t } = useTranslation('proxy');
  const query = useQuery(proxyQuery);
  return (
    <Card title={t('title')} description={t('text')}>
      <QueryView query={query}>
        {(state) => (
          <div className={styles.stack}>
            <Details
              rows={[
                [t('state'), <State key="state" open={state.open} />],
                [t('target'), state.open && state.url ? <code key="url">{state.url}</code> : ''],
              ]}
            />
            <ProxyForm key={`${state.open} ${state.port}`} state={state} />
          </div>
        )}
      </QueryView>
    </Card>
  );
}

function State({ open }: Pick<ProxyState, 'open'>) {
  const { t } = useTranslation('proxy');
  return <StatusTag tone={open ? 'ok' : 'plain'}>{t(open ? 'on' : 'off')}</StatusTag>;
}
