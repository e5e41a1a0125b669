import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Icon } from './Icon';
import styles from './PageHeader.module.css';

interface Props {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  /** The pages above this one, outermost first. */
  crumbs?: { title: string; to: string }[];
}

export function PageHeader({ title, description, actions, crumbs }: Props) {
  const { t } = useTranslation();
  return (
    <header className={styles.header}>
      <div className={styles.titles}>
        {crumbs && (
          <nav aria-label={t('frame.breadcrumb')}>
            <ol className={styles.crumbs}>
              {crumbs.map((crumb) => (
                <li key={crumb.to}>
                  <Link to={crumb.to}>{crumb.title}</Link>
                  <Icon name="chevronRight" size={12} />
                </li>
              ))}
            </ol>
          </nav>
        )}
        <h1>{title}</h1>
        {description && <p className={styles.description}>{description}</p>}
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </header>
  );
}
