// Fields to set a plan with: lists, numbers, sliders and ticks, each with its name before it, in VS Code's own look.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import './field.css';

interface FieldProps {
  readonly label: string;
  /** For a hover: what it means, llama.cpp's name of it. */
  readonly title?: string;
}

export interface Option {
  readonly value: string;
  readonly text: string;
  /** Options of one group stand together, in their order. */
  readonly group?: string;
}

interface SelectProps extends FieldProps {
  readonly value: string;
  readonly options: readonly Option[];
  readonly onValue: (value: string) => void;
}

export function Select({ label, title, value, options, onValue }: SelectProps) {
  const id = useId();
  const groups = [...new Set(options.map(({ group }) => group))];
  const listOf = (group: string | undefined) =>
    options
      .filter((option) => option.group === group)
      .map((option) => (
        <option key={option.value} value={option.value} selected={option.value === value}>
          {option.text}
        </option>
      ));
  return (
    <div class="field" title={title}>
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
        {groups.map((group) =>
          group === undefined ? (
            listOf(group)
          ) : (
            <optgroup key={group} label={group}>
              {listOf(group)}
            </optgroup>
          ),
        )}
      </select>
    </div>
  );
}

interface NumberProps extends FieldProps {
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly step?: number;
  readonly onValue: (value: number) => void;
}

/** What is typed counts as soon as it is a number within the limits. */
export function NumberField({ label, title, value, least, most, step = 1, onValue }: NumberProps) {
  const id = useId();
  const take = (text: string): void => {
    const typed = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(typed) && typed >= least && typed <= most) onValue(typed);
  };
  return (
    <div class="field" title={title}>
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        min={least}
        max={most}
        step={step}
        value={value}
        onInput={({ currentTarget }) => take(currentTarget.value)}
        onBlur={({ currentTarget }) => (currentTarget.value = String(value))}
      />
    </div>
  );
}

interface SliderProps extends FieldProps {
  readonly value: number;
  readonly least: number;
  readonly most: number;
  /** The value in words. */
  readonly text: string;
  readonly onValue: (value: number) => void;
}

export function Slider({ label, title, value, least, most, text, onValue }: SliderProps) {
  const id = useId();
  return (
    <div class="field slider-field" title={title}>
      <label for={id}>{label}</label>
      <output for={id}>{text}</output>
      <Range id={id} value={value} least={least} most={most} text={text} onValue={onValue} />
    </div>
  );
}

interface RangeProps {
  readonly id?: string;
  readonly label?: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly text: string;
  readonly onValue: (value: number) => void;
}

/** A slider alone. */
export function Range({ id, label, value, least, most, text, onValue }: RangeProps) {
  const share = most > least ? (value - least) / (most - least) : 0;
  return (
    <input
      id={id}
      aria-label={label}
      class="range"
      type="range"
      min={least}
      max={most}
      step={1}
      value={value}
      aria-valuetext={text}
      style={{ '--share': share }}
      onInput={({ currentTarget }) => onValue(Number(currentTarget.value))}
    />
  );
}

interface TickProps extends FieldProps {
  readonly value: boolean;
  readonly onValue: (value: boolean) => void;
}

export function Tick({ label, title, value, onValue }: TickProps) {
  return (
    <label class="tick-field" title={title}>
      <input
        type="checkbox"
        checked={value}
        onChange={({ currentTarget }) => onValue(currentTarget.checked)}
      />
      {label}
    </label>
  );
}

/** Quiet button that is a link by its look: it changes what is planned. */
export function LinkButton({
  label,
  onClick,
  children,
}: {
  readonly label?: string;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}) {
  return (
    <button type="button" class="link-button" aria-label={label} onClick={onClick}>
      {children}
    </button>
  );
}
