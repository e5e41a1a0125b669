import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/components/CopyButton';
import { Dialog } from '@/components/Overlay';
import { QueryView } from '@/components/states';
import { pagesQuery } from './queries';
import styles from './weapps.module.css';

export function PagesDialog({ appid, onClose }: { appid: string; onClose: () => void }) {
  const { t } = useTranslation('weapps');
  const query = useQuery(pagesQuery(appid));
  return (
    <Dialog title={t('pages.title')} onClose={onClose} width={520}>
      <QueryView query={query}>
        {(pages) => (
          <ul className={styles.plainList}>
            {pages.map((page) => (
              <li key={page}>
                <code>{page}</code>
                <CopyButton text={page} label={t('common:copy.named', { name: page })} />
              </li>
            ))}
          </ul>
        )}
      </QueryView>
    </Dialog>
  );
}
