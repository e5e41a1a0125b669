import { useTranslation } from 'react-i18next';
import styles from './AddressFields.module.css';
import { TextField } from './Field';
import { Segmented } from './Segmented';

type Place = 'local' | 'url';
type Member = 'port' | 'path' | 'url';

interface Props {
  label: string;
  place: Place;
  onPlace: (place: Place) => void;
  values: Record<Member, string>;
  errors: Partial<Record<Member, string>>;
  set: (member: Member, value: string) => void;
  /** The path may name the account that a push is about. */
  withAppid: boolean;
}

/** Where a program is: at a port of this host, or at any address. */
export function AddressFields({ label, place, onPlace, values, errors, set, withAppid }: Props) {
  const { t } = useTranslation();
  const variable = '$APPID$';
  return (
    <div className={styles.group}>
      <span className={styles.label} aria-hidden="true">
        {label}
      </span>
      <div>
        <Segmented
          label={label}
          value={place}
          items={[
            { value: 'local', label: t('address.local') },
            { value: 'url', label: t('address.full') },
          ]}
          onChange={onPlace}
        />
      </div>
      {place === 'local' ? (
        <div className={styles.portAndPath}>
          <TextField
            label={t('address.port')}
            inputMode="numeric"
            placeholder="8081"
            value={values.port}
            error={errors.port}
            onChange={(value) => {
              set('port', value.trim());
            }}
          />
          <TextField
            label={t('address.path')}
            help={withAppid ? t('address.pathHelp', { variable }) : undefined}
            mono
            placeholder={withAppid ? `/wechat/${variable}` : '/wechat'}
            value={values.path}
            error={errors.path}
            onChange={(value) => {
              set('path', value);
            }}
          />
        </div>
      ) : (
        <TextField
          label={t('address.url')}
          help={t('address.urlHelp')}
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
