import styles from './notify.module.css';

/** A message as the chat shows it, but for the link back to this dashboard. */
export function MessageText({ text }: { text: string }) {
  const lines = text.split('\n').filter((line) => line !== '' && !/^\[[^\]]*\]\(.*\)$/.test(line));
  return lines.map((line, at) => (
    <p key={at} className={line.startsWith('- ') ? styles.item : undefined}>
      {line
        .replace(/^- /, '')
        .split('**')
        .map((part, n) => (n % 2 === 1 ? <strong key={n}>{part}</strong> : part))}
    </p>
  ));
}
