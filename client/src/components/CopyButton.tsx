import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copyText } from '@/lib/clipboard';
import { IconButton } from './IconButton';
import { toast } from './toast';

interface Props {
  /** What is copied, or how it is fetched when it is asked for. */
  text: string | (() => Promise<string>);
  /** Names the thing: "Copy ticket". */
  label?: string;
}

export function CopyButton({ text, label }: Props) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(setCopied, 1600, false);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);

  const copy = async () => {
    try {
      await copyText(typeof text === 'string' ? text : await text());
      setCopied(true);
      toast.ok(t('copy.done'));
    } catch {
      toast.error(t('copy.failed'));
    }
  };
  return (
    <IconButton
      icon={copied ? 'check' : 'copy'}
      iconSize={16}
      label={label ?? t('copy.label')}
      onClick={() => void copy()}
    />
  );
}
