// The hover card of the plan: what a tensor is now, what it would become and why, and what that costs.
import './hoverCard.css';
import {
  formatBits,
  formatBytes,
  formatFixed,
  formatPercent,
  formatShape,
  plural,
} from '../../../src/core/base/units.ts';
import { HoverFrame } from '../../shared/hover/hoverFrame.tsx';
import { inOutDims } from '../../shared/tensors/shape.ts';
import { kindOf } from '../errors.ts';
import type { RequantizeState } from '../state.ts';
import { cellText, isLeftOut, reasonText, whyText } from '../table/cells.ts';
import { hoverOpen, hoverTarget, type HoverTarget } from './target.ts';

export function HoverCard({ state }: { readonly state: RequantizeState }) {
  return (
    <HoverFrame
      target={hoverTarget}
      open={hoverOpen}
      causes={[state.planned.value, state.errors.value]}
      draw={(target) =>
        target.rows.length === 1 && target.rows[0] !== undefined ? (
          <TensorCard state={state} row={target.rows[0]} />
        ) : (
          <SumCard state={state} target={target} />
        )
      }
    />
  );
}

function TensorCard({ state, row }: { readonly state: RequantizeState; readonly row: number }) {
  const model = state.model.value;
  const rows = state.rows.value;
  if (model === null) return null;
  const [from, to] = [cellText(state, row, 'from'), cellText(state, row, 'to')];
  const role = model.roles[rows.role[row] ?? -1];
  const before = rows.bytes[row] ?? NaN;
  const after = state.planned.value?.rows.bytes[row] ?? NaN;
  const weights = rows.weights[row] ?? NaN;
  const isOut = isLeftOut(state, row);
  return (
    <>
      <p class="card-title">
        <span class="strong">{rows.names[row]}</span>
        <span class="muted">{isOut ? from : `${from} → ${to}`}</span>
      </p>
      <p>{reasonText(state, row)}.</p>
      <dl class="plan-facts">
        <Fact name="Bits per weight">
          {formatBits((before * 8) / weights)}
          {!isOut && ` → ${formatBits((after * 8) / weights)}`}
        </Fact>
        <Fact name="Size">
          {formatBytes(before)}
          {!isOut && !Number.isNaN(after) && ` → ${formatBytes(after)}, ${share(state, after)}`}
        </Fact>
        <Fact name="Shape">{formatShape(inOutDims(model, rows, row))}</Fact>
        {!isOut && <Prediction state={state} row={row} />}
      </dl>
      {role !== undefined && role.sentence !== '' && <p class="muted">{role.sentence}</p>}
    </>
  );
}

function Prediction({ state, row }: { readonly state: RequantizeState; readonly row: number }) {
  const errors = state.errors.value;
  const kind = kindOf(errors, row);
  if (errors === null || kind === null)
    return <Fact name="Predicted error">{state.plan.value === null ? '–' : 'pending'}</Fact>;
  if (kind === 'kept') return <Fact name="Predicted error">none: it stays as it is, bit for bit</Fact>;
  if (kind === 'unavailable') return <Fact name="Predicted error">{whyText(state, row) || 'not known'}</Fact>;
  const [sqnr, deviation] = [errors.sqnr[row] ?? NaN, errors.sqnrError[row] ?? 0];
  const weighted = errors.weightedSqnr[row] ?? NaN;
  const relative = cellText(state, row, 'error');
  return (
    <>
      <Fact name="Est. SQNR">
        {sqnr === Infinity ? 'exact: nothing is lost' : decibels(kind === 'estimate', sqnr, deviation)}
      </Fact>
      {sqnr !== Infinity && (
        <Fact name="Relative error">
          {relative} %{' '}
          {kind === 'measured' ? '(all of it was quantized to know)' : '(from a sample of its rows)'}
        </Fact>
      )}
      {Number.isFinite(weighted) && (
        <Fact name="By importance">
          {decibels(kind === 'estimate', weighted, 0)}, each column by its importance
        </Fact>
      )}
    </>
  );
}

const decibels = (isEstimate: boolean, value: number, error: number): string =>
  `${isEstimate ? '≈ ' : ''}${formatFixed(value, 1)}${error >= 0.05 ? ` ± ${formatFixed(error, 1)}` : ''} dB`;

function share({ planned }: RequantizeState, bytes: number): string {
  const whole = planned.value?.model.fileBytes ?? NaN;
  return Number.isNaN(whole) ? '' : `${formatPercent(bytes / whole)} % of the file`;
}

function SumCard({ state, target }: { readonly state: RequantizeState; readonly target: HoverTarget }) {
  const rows = state.rows.value;
  const planned = state.planned.value;
  let [before, after, weights] = [0, 0, 0];
  const mix = new Map<string, number>();
  for (const row of target.rows) {
    before += rows.bytes[row] ?? NaN;
    weights += (planned?.rows ?? rows).weights[row] ?? NaN;
    after += planned?.rows.bytes[row] ?? NaN;
    const type = isLeftOut(state, row) ? 'left out' : cellText(state, row, planned === null ? 'from' : 'to');
    mix.set(type, (mix.get(type) ?? 0) + 1);
  }
  const types = [...mix].sort(([, first], [, second]) => second - first);
  return (
    <>
      <p class="card-title">
        <span class="strong">{target.title}</span>
        <span class="muted">{plural(target.rows.length, 'tensor')}</span>
      </p>
      <dl class="plan-facts">
        <Fact name="Types">{types.map(([name, count]) => `${count} × ${name}`).join(', ')}</Fact>
        {planned !== null && weights > 0 && (
          <Fact name="Bits per weight">{formatBits((after * 8) / weights)}</Fact>
        )}
        <Fact name="Size">
          {formatBytes(before)}
          {planned !== null && ` → ${formatBytes(after)}, ${share(state, after)}`}
        </Fact>
      </dl>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
