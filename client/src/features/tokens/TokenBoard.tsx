import { useTranslation } from 'react-i18next';
import { TextField } from '@/components/Field';
import { Notice } from '@/components/Notice';
import { useUrlState } from '@/hooks/useUrlState';
import { loadAuthorizerToken, loadCloudBaseToken, loadComponentToken, loadTicket } from './load';
import { TokenCard } from './TokenCard';
import styles from './TokenBoard.module.css';

const defaults = { appid: '' };

export function TokenBoard() {
  const { t } = useTranslation('tokens');
  const [{ appid }, setUrl] = useUrlState(defaults);
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
        <TokenCard
          title={t('authorizer.title')}
          description={t('authorizer.text')}
          name={t('authorizer.name')}
          ready={appid.trim() !== ''}
          load={() => loadAuthorizerToken(appid.trim())}
          input={
            <TextField
              label={t('authorizer.appid')}
              placeholder="wx…"
              mono
              value={appid}
              onChange={(value) => {
                setUrl({ appid: value }, { replace: true });
              }}
            />
          }
        />
        <TokenCard
          title={t('cloudbase.title')}
          description={t('cloudbase.text')}
          name={t('cloudbase.name')}
          load={loadCloudBaseToken}
        />
      </div>
    </div>
  );
}
