import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/components/CopyButton';
import { Segmented } from '@/components/Segmented';
import { languages, snippets } from './snippets';
import styles from './targets.module.css';

/** How a receiver checks that a delivery comes from here. */
export function VerifyCode() {
  const { t } = useTranslation('targets');
  const [language, setLanguage] = useState<(typeof languages)[number]>('Go');
  const code = snippets[language];
  return (
    <section className={styles.section}>
      <h3>{t('verify.title')}</h3>
      <p className={styles.muted}>{t('verify.text')}</p>
      <div className={styles.sectionHead}>
        <Segmented
          label={t('verify.language')}
          value={language}
          items={languages.map((value) => ({ value, label: value }))}
          onChange={setLanguage}
        />
        <CopyButton text={code} label={t('verify.copy', { language })} />
      </div>
      <pre className={styles.code} tabIndex={0} aria-label={t('verify.copy', { language })}>
        {code}
      </pre>
    </section>
  );
}
