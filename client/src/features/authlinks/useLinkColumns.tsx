import { useTranslation } from 'react-i18next';
import type { Column } from '@/components/DataTable';
import { IconButton } from '@/components/IconButton';
import { StatusTag } from '@/components/StatusTag';
import { TimeText } from '@/components/TimeText';
import { useNow } from '@/hooks/useNow';
import { Address } from './Address';
import { typeName } from './names';
import type { AuthLink } from './queries';
import styles from './authlinks.module.css';

export function useLinkColumns(onDelete: (link: AuthLink) => void): Column<AuthLink>[] {
  const { t } = useTranslation('authlinks');
  return [
    {
      key: 'name',
      title: t('column.name'),
      card: 'title',
      cell: ({ name, id }) => <strong className={styles.name}>{name || id}</strong>,
    },
    {
      key: 'state',
      title: t('column.state'),
      cell: ({ state }) => (state ? <code className={styles.name}>{state}</code> : '—'),
    },
    {
      key: 'type',
      title: t('column.type'),
      cell: ({ authType, bizAppid, categoryIds }) => (
        <span className={styles.two}>
          {typeName(t, authType)}
          {bizAppid && <code>{bizAppid}</code>}
          {categoryIds.length > 0 && (
            <small>{t('permission.count', { count: categoryIds.length })}</small>
          )}
        </span>
      ),
    },
    {
      key: 'expire',
      title: t('column.expire'),
      width: '180px',
      cell: ({ expireTime }) => <Expiry at={expireTime} />,
    },
    {
      key: 'addresses',
      title: t('column.addresses'),
      width: '150px',
      cell: ({ id, name }) => (
        <span className={styles.two}>
          <Address short device="pc" link={id} name={name || id} />
          <Address short device="h5" link={id} name={name || id} />
        </span>
      ),
    },
    {
      key: 'delete',
      title: t('column.deeds'),
      width: '72px',
      card: 'bare',
      cell: (link) => (
        <IconButton
          icon="trash"
          label={t('delete.button', { name: link.name || link.id })}
          onClick={() => {
            onDelete(link);
          }}
        />
      ),
    },
  ];
}

function Expiry({ at }: { at: number | undefined }) {
  const { t } = useTranslation('authlinks');
  const now = useNow();
  if (!at) return t('forever');
  if (at < now) return <StatusTag tone="plain">{t('expired')}</StatusTag>;
  return <TimeText at={at} />;
}
