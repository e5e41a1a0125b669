import { type RefObject, useEffect, useRef } from 'react';

const focusable =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex]:not([tabindex="-1"])';

// The overlays that are open, the innermost last: only that one answers to Escape.
const open: object[] = [];

/**
 * Makes an element modal while it is mounted: the page behind cannot be reached or scrolled, Escape
 * closes, focus moves in and, at the end, back to where it was.
 */
export function useOverlay(ref: RefObject<HTMLElement | null>, onClose: () => void): void {
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  }, [onClose]);

  useEffect(() => {
    const self = {};
    const root = document.getElementById('root');
    const before = document.activeElement;
    open.push(self);
    root?.setAttribute('inert', '');
    document.body.style.overflow = 'hidden';
    const panel = ref.current;
    if (panel && !panel.contains(document.activeElement)) {
      (panel.querySelector<HTMLElement>('[autofocus], [data-autofocus]') ?? panel).focus();
    }

    const onKeyDown = (event: KeyboardEvent) => {
      if (open.at(-1) !== self) return;
      if (event.key === 'Escape' && !event.defaultPrevented) close.current();
      if (event.key === 'Tab' && panel) keepInside(event, panel);
    };
    document.addEventListener('keydown', onKeyDown);

    return () => {
      document.removeEventListener('keydown', onKeyDown);
      open.splice(open.indexOf(self), 1);
      if (open.length === 0) {
        root?.removeAttribute('inert');
        document.body.style.overflow = '';
      }
      if (before instanceof HTMLElement) before.focus();
    };
  }, [ref]);
}

function keepInside(event: KeyboardEvent, panel: HTMLElement): void {
  const stops = [...panel.querySelectorAll<HTMLElement>(focusable)];
  const first = stops[0];
  const last = stops.at(-1);
  if (!first || !last) return;
  const active = document.activeElement;
  if (event.shiftKey && (active === first || active === panel)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && active === last) {
    event.preventDefault();
    first.focus();
  }
}
