import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Icon } from '@/components/Icon';
import { allEvents, eventGroups } from './kinds';
import styles from './notify.module.css';

interface Props {
  value: string[];
  error: string | undefined;
  onChange: (value: string[]) => void;
}

/** What a channel is told of, in groups. */
export function EventPicker({ value, error, onChange }: Props) {
  const { t } = useTranslation('notify');
  const id = useId();
  const all = allEvents.every((event) => value.includes(event));
  return (
    <fieldset className={styles.picker} aria-describedby={error && id}>
      <legend>{t('field.events')}</legend>
      <Button
        variant="text"
        size="small"
        className={styles.all}
        onClick={() => {
          onChange(all ? [] : allEvents);
        }}
      >
        {t(all ? 'selectNone' : 'selectAll')}
      </Button>
      {eventGroups.map(({ name, events }) => (
        <div key={name} className={styles.group} role="group" aria-label={t(`group.${name}`)}>
          <span className={styles.groupName}>{t(`group.${name}`)}</span>
          <div className={styles.choices}>
            {events.map((event) => (
              <label key={event} className={styles.choice}>
                <input
                  type="checkbox"
                  checked={value.includes(event)}
                  onChange={({ target }) => {
                    const others = value.filter((each) => each !== event);
                    onChange(target.checked ? [...others, event] : others);
                  }}
                />
                {t(`event.${event}`)}
              </label>
            ))}
          </div>
        </div>
      ))}
      {error && (
        <p id={id} className={styles.error} role="alert">
          <Icon name="error" size={14} />
          {error}
        </p>
      )}
    </fieldset>
  );
}
