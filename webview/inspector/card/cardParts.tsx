// Parts that all cards have.
import type { ComponentChildren } from 'preact';
import { formatBits } from '../../../src/core/base/units.ts';
import type { TypeView } from '../../../src/protocol/modelView.ts';

/** @param bits of a weight, null: not known */
export function CardTitle({
  name,
  type,
  bits,
}: {
  readonly name: string;
  readonly type: TypeView;
  readonly bits: number | null;
}) {
  const cost = bits === null ? '' : ` · ${formatBits(bits)} bits per weight`;
  return <TitleLine left={name} right={`${type.name}${cost}`} />;
}

export function TitleLine({ left, right }: { readonly left: string; readonly right: string }) {
  return (
    <p class="card-title">
      <span class="strong">{left}</span>
      <span class="muted">{right}</span>
    </p>
  );
}

export function Pair({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

const CONTROL = /mac/i.test(navigator.platform) ? '⌘' : 'Ctrl+';

/** What the keyboard does while the card is open. */
export function Keys({ copiesRow = false }: { readonly copiesRow?: boolean }) {
  return (
    <p class="keys muted">
      <span>
        <kbd>Esc</kbd> closes
      </span>
      {copiesRow && (
        <>
          <span>
            <kbd>Enter</kbd> shows its weights
          </span>
          <span>
            <kbd>{CONTROL}C</kbd> copies the row
          </span>
        </>
      )}
    </p>
  );
}
