import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { Icon } from '@/components/Icon';
import { releaseCheckQuery } from './queries';
import styles from './releaseCheck.module.css';

/** What WeChat does in a check, and how to have it begin. */
export function GuideCard() {
  const { t } = useTranslation('releaseCheck');
  return (
    <Card title={t('guide.title')}>
      <div className={styles.guide}>
        <section>
          <h3>{t('guide.startTitle')}</h3>
          <ol>
            <li>{t('guide.start1')}</li>
            <li>{t('guide.start2')}</li>
            <li>{t('guide.start3')}</li>
          </ol>
        </section>
        <section>
          <h3>{t('guide.howTitle')}</h3>
          <ol>
            <li>{t('guide.how1')}</li>
            <li>{t('guide.how2')}</li>
            <li>{t('guide.how3')}</li>
            <li>{t('guide.how4')}</li>
          </ol>
        </section>
        <section>
          <h3>{t('guide.hiddenTitle')}</h3>
          <p>{t('guide.hidden')}</p>
          <Accounts />
        </section>
      </div>
    </Card>
  );
}

/** All of WeChat's accounts, for those who want to allow them somewhere else as well. */
function Accounts() {
  const { t } = useTranslation('releaseCheck');
  const { data } = useQuery(releaseCheckQuery);
  if (!data) return null;
  return (
    <details className={styles.other}>
      <summary>
        <Icon name="chevronRight" size={16} />
        {t('guide.list')}
      </summary>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('guide.list')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('guide.tableGroup')}</th>
              <th scope="col">{t('guide.tableKind')}</th>
              <th scope="col">AppID</th>
              <th scope="col">{t('guide.tableUser')}</th>
            </tr>
          </thead>
          <tbody>
            {data.accounts.map(({ appid, userName, miniProgram, group }) => (
              <tr key={appid}>
                <td>{group}</td>
                <td>{t(miniProgram ? 'account.mini' : 'account.official')}</td>
                <td>
                  <code>{appid}</code>
                </td>
                <td>
                  <code>{userName}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
