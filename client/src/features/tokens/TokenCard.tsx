import { Button } from '@/components/Button';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Card } from '@/components/Card';
import { FailureNotice } from '@/components/FailureNotice';
import { SecretText } from '@/components/SecretText';
import { Remaining } from './Remaining';
import styles from './TokenCard.module.css';

export interface Credential {
  value: string;
  /** Seconds; when it stops counting. */
  expireTime?: number | undefined;
}

interface Props {
  title: string;
  description: ReactNode;
  /** Names the value in buttons: "ticket". */
  name: string;
  load: () => Promise<Credential>;
  /** What has to be entered first. */
  input?: ReactNode;
  /** Whether it has been entered well; says so beside the input if not. */
  check?: () => boolean;
}

/** Fetches a credential when it is asked for, never before. */
export function TokenCard({ title, description, name, load, input, check }: Props) {
  const { t } = useTranslation('tokens');
  const fetching = useMutation({ mutationFn: load, meta: { errorShown: true }, gcTime: 0 });
  const credential = fetching.data;
  return (
    <Card title={title} description={description}>
      <form
        className={styles.body}
        onSubmit={(event) => {
          event.preventDefault();
          if (check?.() ?? true) fetching.mutate();
        }}
      >
        {input}
        {credential && (
          <div className={styles.result}>
            <SecretText key={credential.value} value={credential.value} name={name} />
            {credential.expireTime !== undefined && <Remaining until={credential.expireTime} />}
          </div>
        )}
        <FailureNotice error={fetching.error} />
        <div>
          <Button
            type="submit"
            variant={credential ? 'outline' : 'base'}
            theme={credential ? 'default' : 'primary'}
            loading={fetching.isPending}
          >
            {t(credential ? 'again' : 'fetch')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
