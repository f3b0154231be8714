// Menus with the keyboard of menus (arrows, Home, End, Enter, Escape), and the button that opens one below itself.
import { useSignal } from '@preact/signals';
import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './icon.tsx';
import './menu.css';

export interface MenuItem {
  readonly label: string;
  /** Set for an item that is on or off; the menu then stays open. */
  readonly checked?: boolean;
  /** A line above it sets it apart from the items before. */
  readonly separated?: boolean;
  readonly run: () => void;
}

interface MenuProps {
  readonly menu: RefObject<HTMLDivElement | null>;
  /** Its name for screen readers. */
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly close: () => void;
}

/** An open menu. Whoever shows it puts it in its place and the focus into it with `focusFirst`. */
export function Menu({ menu, label, items, close }: MenuProps) {
  const hasChecks = items.some(({ checked }) => checked !== undefined);
  return (
    <div
      ref={menu}
      role="menu"
      class="menu"
      aria-label={label}
      onFocusOut={({ relatedTarget }) => {
        if (!(relatedTarget instanceof Node) || !menu.current?.contains(relatedTarget)) close();
      }}
      onKeyDown={(event) => menuKey(event, close)}
    >
      {items.map(({ label: text, checked, separated, run }) => (
        <button
          key={text}
          type="button"
          role={checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
          aria-checked={checked}
          tabIndex={-1}
          class={separated === true ? 'separated' : undefined}
          onPointerEnter={(event) => event.currentTarget.focus()}
          onClick={() => {
            if (checked === undefined) close();
            run();
          }}
        >
          {hasChecks && <span class="check">{checked === true && <Icon name="check" />}</span>}
          {text}
        </button>
      ))}
    </div>
  );
}

export function focusFirst(menu: HTMLElement | null): void {
  menu?.querySelector('button')?.focus();
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
    if (open.value) focusFirst(menu.current);
  }, [open.value]);

  const close = (): void => {
    const hadFocus = menu.current?.contains(document.activeElement) === true;
    open.value = false;
    if (hadFocus) button.current?.focus();
  };
  return (
    <div class="menu-button">
      <button
        ref={button}
        type="button"
        class="action"
        aria-haspopup="menu"
        aria-expanded={open.value}
        aria-label={label}
        title={label}
        // Before the menu loses the focus to this button, which would close it and the click open it again.
        onPointerDown={(event) => event.preventDefault()}
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
      {open.value && <Menu menu={menu} label={label} items={items} close={close} />}
    </div>
  );
}

function menuKey(event: KeyboardEvent, close: () => void): void {
  const entries = [...(event.currentTarget as HTMLElement).querySelectorAll('button')];
  const at = entries.findIndex((entry) => entry === document.activeElement);
  const goTo: Partial<Record<string, number>> = {
    ArrowDown: (at + 1) % entries.length,
    ArrowUp: (at - 1 + entries.length) % entries.length,
    Home: 0,
    End: entries.length - 1,
  };
  const next = goTo[event.key];
  if (next !== undefined) entries[next]?.focus();
  else if (event.key === 'Escape' || event.key === 'Tab') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
