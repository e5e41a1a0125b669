import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { Card } from '@/components/Card';
import { QueryView } from '@/components/states';
import { limits } from './form';
import { ItemFields } from './ItemFields';
import { type Category, pagesQuery } from './queries';
import type { useAuditForm } from './useAuditForm';
import styles from './submitAudit.module.css';

interface Props {
  appid: string;
  audit: ReturnType<typeof useAuditForm>;
  categories: {
    data: Category[] | undefined;
    error: unknown;
    isPending: boolean;
    refetch: () => unknown;
  };
}

/** Up to five pages that the reviewer is shown. */
export function ItemsCard({ appid, audit, categories }: Props) {
  const { t } = useTranslation('submitAudit');
  const pages = useQuery(pagesQuery(appid)).data ?? [];
  const { itemList } = audit.form;
  return (
    <Card
      title={t('items.title')}
      description={t('items.text', { max: limits.items })}
      actions={
        <Button
          size="small"
          variant="outline"
          theme="default"
          icon="plus"
          disabled={itemList.length >= limits.items}
          onClick={audit.addItem}
        >
          {t('items.add')}
        </Button>
      }
    >
      <QueryView query={categories}>
        {(list) => (
          <div className={styles.items}>
            {itemList.map((item, at) => (
              <ItemFields
                key={item.key}
                at={at}
                item={item}
                categories={list}
                pages={pages}
                errors={audit.errors}
                onChange={(part) => {
                  audit.setItem(item.key, part);
                }}
                onRemove={
                  itemList.length > 1
                    ? () => {
                        audit.removeItem(item.key);
                      }
                    : undefined
                }
              />
            ))}
          </div>
        )}
      </QueryView>
    </Card>
  );
}
