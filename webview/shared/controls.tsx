// Buttons and text fields: VS Code's own look. They keep their size while the toolkit behind them is not registered yet.
import { h, type ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon, type IconName } from './icon.tsx';
import './controls.css';

interface ButtonProps {
  /** At most one button of a page is primary: the next sensible step. */
  readonly appearance: 'primary' | 'secondary';
  readonly icon?: IconName;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

export function Button({ appearance, icon, disabled = false, onClick, children }: ButtonProps) {
  return h('vscode-button', { appearance, disabled, onClick, tabIndex: 0 }, [
    icon !== undefined && (
      <span slot="start">
        <Icon name={icon} />
      </span>
    ),
    children,
  ]);
}

/** A button that is an icon; its label is its name and its tooltip. */
export function IconButton({ icon, label, disabled = false, isTabStop = true, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      title={label}
      aria-label={label}
      disabled={disabled}
      tabIndex={isTabStop ? 0 : -1}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly disabled?: boolean;
  /** False where Tab passes it by, because a key of what it stands in does the same. */
  readonly isTabStop?: boolean;
  readonly onClick: () => void;
}

interface SearchProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

/** A field to search in what stands below it. */
export function SearchField({ label, placeholder, value, onValue }: SearchProps) {
  const field = useRef<HTMLElement & { value: string }>(null);
  useLayoutEffect(() => {
    const { current } = field;
    if (current !== null && current.value !== value) current.value = value;
  }, [value]);
  const onInput = (event: Event): void => onValue((event.currentTarget as HTMLInputElement).value);
  return h(
    'vscode-text-field',
    { ref: field, class: 'search-field', 'aria-label': label, placeholder, onInput },
    <span slot="start">
      <Icon name="search" />
      {/* The toolkit names its field by the text in it, whatever label it was given. */}
      <span class="unseen" aria-hidden="true">
        {label}
      </span>
    </span>,
  );
}
