import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { errorText } from './errorText';
import { Notice } from './Notice';
import styles from './states.module.css';

interface Props {
  /** Nothing is shown while there is none. */
  error: unknown;
  /** What it means for what is shown, before what went wrong. */
  lead?: string;
  /** Of something that only adds to the page; otherwise it is announced at once. */
  quiet?: boolean;
}

/** A failure beside what was tried: what went wrong, what to do about it, and what support will ask for. */
export function FailureNotice({ error, lead, quiet = false }: Props) {
  const { t } = useTranslation();
  if (error === null || error === undefined) return null;
  const { message, remedy, place, reference } = errorText(t, error);
  return (
    <Notice tone={quiet ? 'warn' : 'error'} live={!quiet}>
      {lead && <p>{lead}</p>}
      <p>{message}</p>
      {remedy && <p>{remedy}</p>}
      {place && <Link to={place}>{t('action.goThere')}</Link>}
      {reference && <code className={styles.reference}>{reference}</code>}
    </Notice>
  );
}
