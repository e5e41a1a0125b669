import { useTranslation } from 'react-i18next';
import type { Data } from '@/api/client';
import { errorText } from '@/components/errorText';
import { Privacy } from './queries';
import { PrivacyTag } from './states';
import styles from './weapps.module.css';

interface Props {
  query: { data: Data<'/wxcomponent/admin/privacy-check'> | undefined; error: unknown };
}

/** How WeChat's privacy check stands, and which interfaces it found undeclared. */
export function PrivacyState({ query: { data, error } }: Props) {
  const { t } = useTranslation('weapps');
  if (!data) return error ? errorText(t, error).message : t('common:state.loading');
  const { state, withoutAuth, withoutConf } = data;
  return (
    <div className={styles.privacy}>
      <PrivacyTag state={state} />
      {state === Privacy.Checking && <small>{t('privacy.wait')}</small>}
      <Interfaces title={t('privacy.withoutAuth')} names={withoutAuth} />
      <Interfaces title={t('privacy.withoutConf')} names={withoutConf} />
    </div>
  );
}

function Interfaces({ title, names }: { title: string; names: string[] }) {
  if (names.length === 0) return null;
  return (
    <div>
      <small>{title}</small>
      <ul className={styles.plainList}>
        {names.map((name) => (
          <li key={name}>
            <code>{name}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
