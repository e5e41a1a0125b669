import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Button } from '@/components/Button';
import { errorText } from '@/components/errorText';
import { Notice } from '@/components/Notice';
import { PickField } from '@/components/PickField';
import { toast } from '@/components/toast';
import { useForm } from '@/hooks/useForm';
import { tagListQuery, useTagList } from '@/hooks/useTagList';
import { accountKeys, setTags } from './queries';
import styles from './accounts.module.css';

/** The words that the provider sorts the account by; lists are narrowed and pushes forwarded by them. */
export function AccountTags({ appid, tags }: { appid: string; tags: string[] }) {
  const { t } = useTranslation('accounts');
  const client = useQueryClient();
  const known = useTagList();
  const form = useForm({
    initial: { tags },
    submit: async (values) => {
      const stored = await setTags(appid, values.tags);
      form.reset({ tags: stored });
      toast.ok(t('tags.saved'));
      await Promise.all(
        [accountKeys.detail(appid), accountKeys.lists, tagListQuery.queryKey].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      );
    },
  });
  const changed = [...form.values.tags].sort().join() !== [...tags].sort().join();
  return (
    <form className={styles.bind} onSubmit={form.onSubmit} noValidate>
      <PickField
        label={t('tags.label')}
        help={t('tags.help')}
        placeholder={t('tags.hint')}
        own
        values={form.values.tags}
        error={form.errors.tags}
        options={known.map(({ tag, accounts }) => ({
          value: tag,
          label: tag,
          note: t('tags.accounts', { count: accounts }),
        }))}
        onChange={(next) => {
          form.set('tags', next);
        }}
      />
      <Button
        type="submit"
        variant="outline"
        theme="default"
        loading={form.busy}
        disabled={!changed}
      >
        {t('common:action.save')}
      </Button>
      {form.failure !== null && (
        <Notice tone="error" live>
          {errorText(t, form.failure).message}
        </Notice>
      )}
    </form>
  );
}
