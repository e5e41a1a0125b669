import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Icon, type IconName } from './Icon';
import styles from './MenuButton.module.css';

export interface MenuItem {
  key: string;
  label: ReactNode;
  icon?: IconName;
  /** Set on the items of a choice: whether this is the chosen one. */
  checked?: boolean;
  onSelect: () => void;
}

interface Props {
  label: string;
  icon: IconName;
  /** Shown beside the icon on wide screens. */
  text?: ReactNode;
  items: MenuItem[];
}

/** A button that opens a short menu; arrow keys, Home, End and Escape work as in any menu. */
export function MenuButton({ label, icon, text, items }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const wrap = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    wrap.current?.querySelector<HTMLElement>('[role^=menuitem]')?.focus();
    const onPointerDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !wrap.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointerDown);
    return () => {
      document.removeEventListener('pointerdown', onPointerDown);
    };
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!open) return;
    if (event.key === 'Escape' || event.key === 'Tab') {
      setOpen(false);
      button.current?.focus();
      return;
    }
    const rows = [...(wrap.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    rows.at(target % rows.length)?.focus();
  };

  return (
    <div ref={wrap} className={styles.wrap} onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        className={styles.button}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => {
          setOpen(!open);
        }}
      >
        <Icon name={icon} />
        {text && <span className={styles.text}>{text}</span>}
      </button>
      {open && (
        <div id={id} role="menu" aria-label={label} className={styles.menu}>
          {items.map((item) => (
            <button
              key={item.key}
              type="button"
              role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
              aria-checked={item.checked}
              tabIndex={-1}
              className={styles.item}
              onClick={() => {
                setOpen(false);
                button.current?.focus();
                item.onSelect();
              }}
            >
              {item.icon && <Icon name={item.icon} size={16} />}
              <span className={styles.label}>{item.label}</span>
              {item.checked && <Icon name="check" size={16} />}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
