import { useTranslation } from 'react-i18next';
import { Notice } from '@/components/Notice';
import { AuthorizerCard } from './AuthorizerCard';
import { loadCloudBaseToken, loadComponentToken, loadTicket } from './load';
import { RemedyCard } from './RemedyCard';
import { TokenCard } from './TokenCard';
import styles from './TokenBoard.module.css';

export function TokenBoard() {
  const { t } = useTranslation('tokens');
  return (
    <div className={styles.board}>
      <Notice tone="info">{t('care')}</Notice>
      <div className={styles.cards}>
        <TokenCard
          title={t('ticket.title')}
          description={t('ticket.text')}
          name={t('ticket.name')}
          load={loadTicket}
        />
        <TokenCard
          title={t('component.title')}
          description={t('component.text')}
          name={t('component.name')}
          load={loadComponentToken}
        />
        <AuthorizerCard />
        <TokenCard
          title={t('cloudbase.title')}
          description={t('cloudbase.text')}
          name={t('cloudbase.name')}
          load={loadCloudBaseToken}
        />
        <RemedyCard />
      </div>
    </div>
  );
}
