import { useTranslation } from 'react-i18next';
import { Icon } from '@/components/Icon';
import { IconButton } from '@/components/IconButton';
import type { Media } from './form';
import { type MediaName, mediaRules } from './media';
import type { useAuditForm } from './useAuditForm';
import { useUploads } from './useUploads';
import styles from './submitAudit.module.css';

interface Props {
  appid: string;
  name: MediaName;
  audit: ReturnType<typeof useAuditForm>;
}

/** Files that go to WeChat as they are chosen; what has arrived there is listed. */
export function MediaField({ appid, name, audit }: Props) {
  const { t } = useTranslation('submitAudit');
  const rule = mediaRules[name];
  const media = audit.form[name];
  const { uploads, refusals, add } = useUploads(appid, name, media.length, (arrived) => {
    audit.change((before) => ({ [name]: [...before[name], arrived] }));
  });
  const full = media.length + uploads.length >= rule.most;
  return (
    <div className={styles.media}>
      <span className={styles.label}>{t(`media.${name}`)}</span>
      <ul className={styles.files}>
        {media.map((each) => (
          <Arrived
            key={each.mediaId}
            media={each}
            onRemove={() => {
              audit.set({ [name]: media.filter((other) => other !== each) });
            }}
          />
        ))}
        {uploads.map(({ id, file, share }) => (
          <li key={id} className={styles.file}>
            <span className={styles.fileName}>{file.name}</span>
            <progress aria-label={t('media.sending', { name: file.name })} max={1} value={share} />
          </li>
        ))}
      </ul>
      <label className={styles.picker} data-disabled={full || undefined}>
        <Icon name="upload" size={16} />
        {t('media.choose')}
        <span className="visually-hidden">{t(`media.${name}`)}</span>
        <input
          type="file"
          className="visually-hidden"
          accept={rule.accept.join(',')}
          multiple={rule.most > 1}
          disabled={full}
          onChange={(event) => {
            add([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
      </label>
      <p className={styles.help}>
        {t(`media.${name}Help`, { max: rule.most, size: rule.megabytes })}
      </p>
      {refusals.map((text) => (
        <p key={text} className={styles.error} role="alert">
          <Icon name="error" size={14} />
          {text}
        </p>
      ))}
    </div>
  );
}

function Arrived({ media, onRemove }: { media: Media; onRemove: () => void }) {
  const { t } = useTranslation('submitAudit');
  return (
    <li className={styles.file}>
      {media.preview && <img src={media.preview} alt="" width={40} height={40} />}
      <span className={styles.fileName}>{media.name}</span>
      <IconButton
        icon="trash"
        iconSize={16}
        label={t('media.remove', { name: media.name })}
        onClick={onRemove}
      />
    </li>
  );
}
