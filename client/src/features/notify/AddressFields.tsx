import { useTranslation } from 'react-i18next';
import { SwitchField, TextField } from '@/components/Field';
import { Segmented } from '@/components/Segmented';
import type { ChannelFormState } from './form';
import { channelKinds } from './kinds';
import type { Channel } from './queries';
import styles from './notify.module.css';

interface Props {
  form: ChannelFormState;
  channel: Channel | undefined;
}

/** The kind of the channel, its address and its secret, with where to find them. */
export function AddressFields({ form, channel }: Props) {
  const { t } = useTranslation('notify');
  const { kind, dropSecret } = form.values;
  const mayDrop = channel?.secret && (kind === 'feishu' || kind === 'dingtalk');
  return (
    <>
      {!channel && (
        <div className={styles.kinds}>
          <Segmented
            label={t('field.kind')}
            value={kind}
            items={channelKinds.map((value) => ({ value, label: t(`kind.${value}`) }))}
            onChange={(value) => {
              form.set('kind', value);
            }}
          />
        </div>
      )}
      <TextField
        label={t('field.url')}
        help={t(`help.url.${kind}`)}
        mono
        data-autofocus
        autoComplete="off"
        inputMode="url"
        maxLength={2000}
        placeholder={
          channel ? t('placeholder.keep', { value: channel.url }) : t(`placeholder.${kind}`)
        }
        value={form.values.url}
        error={form.errors.url}
        onChange={(value) => {
          form.set('url', value);
        }}
      />
      {kind !== 'wecom' && !dropSecret && (
        <TextField
          label={t(`secret.${kind}`)}
          help={t(`help.secret.${kind}`)}
          mono
          autoComplete="off"
          maxLength={256}
          placeholder={channel?.secret ? t('placeholder.keep', { value: channel.secret }) : ''}
          value={form.values.secret}
          error={form.errors.secret}
          onChange={(value) => {
            form.set('secret', value);
          }}
        />
      )}
      {mayDrop && (
        <SwitchField
          label={t('field.dropSecret')}
          checked={dropSecret}
          onChange={(value) => {
            form.set('dropSecret', value);
          }}
        />
      )}
    </>
  );
}
