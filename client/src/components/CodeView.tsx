import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pretty, toText } from '@/lib/pretty';
import { CopyButton } from './CopyButton';
import { Segmented } from './Segmented';
import styles from './CodeView.module.css';

/** A JSON or XML text laid out and coloured, or as it came; any other text only as it came. */
export function CodeView({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation();
  const [mode, setMode] = useState<'pretty' | 'raw'>('pretty');
  const laidOut = useMemo(() => pretty(text), [text]);
  const asPretty = laidOut !== null && mode === 'pretty';
  return (
    <section aria-label={label}>
      <header className={styles.bar}>
        {laidOut ? (
          <Segmented
            label={t('code.form')}
            value={mode}
            onChange={setMode}
            items={[
              { value: 'pretty', label: laidOut.format === 'json' ? 'JSON' : 'XML' },
              { value: 'raw', label: t('code.raw') },
            ]}
          />
        ) : (
          <span className={styles.kind}>{t('code.raw')}</span>
        )}
        <CopyButton text={asPretty ? toText(laidOut.lines) : text} label={t('code.copy')} />
      </header>
      <pre className={styles.code} tabIndex={0} aria-label={label}>
        {asPretty
          ? laidOut.lines.map((line, at) => (
              <span
                key={at}
                className={styles.line}
                style={{ paddingLeft: `${line.indent * 2}ch` }}
              >
                {line.pieces.map((piece, n) => (
                  <span key={n} className={styles[piece.kind]}>
                    {piece.text}
                  </span>
                ))}
              </span>
            ))
          : text}
      </pre>
    </section>
  );
}
