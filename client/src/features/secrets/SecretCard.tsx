import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { QueryView } from '@/components/states';
import { saveSecret, secretQuery } from './queries';
import { SettingRow } from './SettingRow';

/** The platform's AppSecret, which is never shown whole. */
export function SecretCard() {
  const { t } = useTranslation('secrets');
  const query = useQuery(secretQuery);
  return (
    <Card title={t('secret.title')} description={t('secret.text')}>
      <QueryView query={query} lines={1}>
        {({ secret }) => (
          <SettingRow
            name="secret"
            label="AppSecret"
            masked={secret}
            fixed={false}
            check={(value) => (/^[0-9a-zA-Z]{32}$/.test(value) ? undefined : t('secret.shape'))}
            save={saveSecret}
          />
        )}
      </QueryView>
    </Card>
  );
}
