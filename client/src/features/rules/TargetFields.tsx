import { useTranslation } from 'react-i18next';
import { TextField } from '@/components/Field';
import { Segmented } from '@/components/Segmented';
import type { RuleFormState } from './form';
import type { Channel } from './queries';
import styles from './rules.module.css';

interface Props {
  channel: Channel;
  form: RuleFormState;
}

/** Where the pushes go: a program in this container, or any address. */
export function TargetFields({ channel, form }: Props) {
  const { t } = useTranslation('rules');
  const { values, errors, set } = form;
  return (
    <div className={styles.group}>
      <span className={styles.groupLabel} aria-hidden="true">
        {t('field.target')}
      </span>
      <div>
        <Segmented
          label={t('field.target')}
          value={values.target}
          items={[
            { value: 'local', label: t('target.local') },
            { value: 'url', label: t('target.url') },
          ]}
          onChange={(target) => {
            set('target', target);
          }}
        />
      </div>
      {values.target === 'local' ? (
        <div className={styles.portAndPath}>
          <TextField
            label={t('field.port')}
            inputMode="numeric"
            placeholder="8081"
            value={values.port}
            error={errors.port}
            onChange={(value) => {
              set('port', value.trim());
            }}
          />
          <TextField
            label={t('field.path')}
            help={channel === 'biz' ? t('help.path', { variable: '$APPID$' }) : undefined}
            mono
            placeholder={channel === 'biz' ? '/wechat/$APPID$' : '/wechat'}
            value={values.path}
            error={errors.path}
            onChange={(value) => {
              set('path', value);
            }}
          />
        </div>
      ) : (
        <TextField
          label={t('field.url')}
          help={t('help.url')}
          mono
          inputMode="url"
          placeholder="https://example.com/wechat"
          value={values.url}
          error={errors.url}
          onChange={(value) => {
            set('url', value);
          }}
        />
      )}
    </div>
  );
}
