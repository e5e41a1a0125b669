import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { QueryView } from '@/components/states';
import { pushQuery, type PushSetting, savePushSetting } from './queries';
import { SettingRow } from './SettingRow';

const settings = ['token', 'aesKey', 'aesKeyPrevious'] as const satisfies PushSetting[];

/** What WeChat's pushes are verified and decrypted with. */
export function PushCard() {
  const { t } = useTranslation('secrets');
  const query = useQuery(pushQuery);
  const check = (name: PushSetting) => (value: string) => {
    if (name === 'token')
      return /^[0-9a-zA-Z]{3,32}$/.test(value) ? undefined : t('push.tokenShape');
    return /^[0-9a-zA-Z]{43}$/.test(value) ? undefined : t('push.keyShape');
  };
  return (
    <Card title={t('push.title')} description={t('push.text')}>
      <QueryView query={query} lines={3}>
        {(config) =>
          settings.map((name) => (
            <SettingRow
              key={name}
              name={name}
              label={t(`push.${name}.label`)}
              help={t(`push.${name}.help`)}
              masked={config[name].set ? (config[name].value ?? t('isSet')) : ''}
              fixed={config[name].fixed}
              check={check(name)}
              save={(value) => savePushSetting(name, value)}
            />
          ))
        }
      </QueryView>
    </Card>
  );
}
