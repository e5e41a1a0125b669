import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { Empty, QueryView } from '@/components/states';
import { StatusTag, type Tone } from '@/components/StatusTag';
import { TimeText } from '@/components/TimeText';
import { MessageText } from './MessageText';
import { channelsQuery, type Message, messagesQuery } from './queries';
import styles from './notify.module.css';

const tones: Record<Message['state'], Tone> = { sent: 'ok', retrying: 'warn', failed: 'error' };

/** What was sent lately, and what became of it. */
export function MessageCard() {
  const { t } = useTranslation('notify');
  const query = useQuery(messagesQuery);
  const channels = useQuery(channelsQuery);
  return (
    <Card title={t('messages.title')} description={t('messages.text')} flush>
      <QueryView query={query}>
        {(messages) =>
          messages.length === 0 ? (
            <Empty icon="message" title={t('messages.none')}>
              {t('messages.noneText')}
            </Empty>
          ) : (
            <ul className={styles.messages}>
              {messages.map((message) => (
                <Row
                  key={message.id}
                  message={message}
                  channel={channels.data?.find(({ id }) => id === message.channelId)?.name}
                />
              ))}
            </ul>
          )
        }
      </QueryView>
    </Card>
  );
}

function Row({ message, channel }: { message: Message; channel: string | undefined }) {
  const { t } = useTranslation('notify');
  const { state, title, test, events, attempt, updateTime, error, body } = message;
  return (
    <li>
      <details className={styles.message}>
        <summary>
          <StatusTag tone={tones[state]}>{t(`sent.${state}`)}</StatusTag>
          <span className={styles.title}>{title}</span>
          <span className={styles.facts}>
            {channel && <span>{channel}</span>}
            {!test && <span>{t('events', { count: events })}</span>}
            {attempt > 1 && <span>{t('attempt', { count: attempt })}</span>}
            <TimeText at={updateTime} relative />
          </span>
        </summary>
        <div className={styles.text}>
          {error && <p className={styles.error}>{error}</p>}
          <MessageText text={body} />
        </div>
      </details>
    </li>
  );
}
