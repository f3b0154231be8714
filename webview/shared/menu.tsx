// A button that opens a menu below itself, with the keyboard of menus: arrows, Home, End, Enter, Escape.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import './menu.css';

export interface MenuItem {
  readonly label: string;
  /** A line above it sets it apart from the items before. */
  readonly separated?: boolean;
  readonly run: () => void;
}

interface Props {
  /** Name and tooltip of the button. */
  readonly label: string;
  readonly items: readonly MenuItem[];
  /** What the button shows. */
  readonly children: ComponentChildren;
}

export function MenuButton({ label, items, children }: Props) {
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (open.value) entriesOf(menu.current)[0]?.focus();
  }, [open.value]);

  const close = (): void => {
    open.value = false;
    button.current?.focus();
  };
  const closeWhenLeft = (event: FocusEvent): void => {
    if (!(event.relatedTarget instanceof Node) || !event.currentTarget) open.value = false;
    else if (!(event.currentTarget as Node).contains(event.relatedTarget)) open.value = false;
  };
  return (
    <div class="menu-button" onFocusOut={closeWhenLeft}>
      <button
        ref={button}
        type="button"
        class="action"
        aria-haspopup="menu"
        aria-expanded={open.value}
        aria-label={label}
        title={label}
        onClick={() => (open.value = !open.value)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            open.value = true;
          }
        }}
      >
        {children}
      </button>
      {open.value && (
        <div
          ref={menu}
          role="menu"
          class="menu"
          aria-label={label}
          onKeyDown={(event) => menuKey(event, close)}
        >
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={item.separated === true ? 'separated' : ''}
              onPointerEnter={(event) => event.currentTarget.focus()}
              onClick={() => {
                close();
                item.run();
              }}
            >
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

const entriesOf = (menu: HTMLElement | null): HTMLElement[] =>
  menu === null ? [] : [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')];

function menuKey(event: KeyboardEvent, close: () => void): void {
  const entries = entriesOf(event.currentTarget as HTMLElement);
  const at = entries.findIndex((entry) => entry === document.activeElement);
  const goTo: Partial<Record<string, number>> = {
    ArrowDown: (at + 1) % entries.length,
    ArrowUp: (at - 1 + entries.length) % entries.length,
    Home: 0,
    End: entries.length - 1,
  };
  const next = goTo[event.key];
  if (next !== undefined) entries[next]?.focus();
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
