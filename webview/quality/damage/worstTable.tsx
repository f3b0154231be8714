// The tokens that suffered most, each in its words. One row is a stop for Tab; arrows walk, Enter goes to the text.
import { useEffect, useRef } from 'preact/hooks';
import type { WorstToken } from '../../../src/protocol/quality.ts';
import { natText } from '../../../src/protocol/qualityWords.ts';
import { IconButton } from '../../shared/controls.tsx';
import type { QualityState } from '../state.ts';
import { probabilityText, tokenText } from './tokenWords.ts';
import { goToPiece, nextRank, stepWorst, worstShown } from './worst.ts';

export function WorstTable({ state }: { readonly state: QualityState }) {
  const worst = worstShown(state);
  const piece = state.piece.value;
  const scroller = useRef<HTMLDivElement>(null);
  const stop = Math.max(
    0,
    worst.findIndex((one) => one.piece === piece),
  );
  useEffect(() => {
    const row = scroller.current?.querySelector('tr.chosen');
    if (row !== null && row !== undefined && scroller.current !== null) reveal(scroller.current, row);
  }, [piece, worst]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] as 1 | -1 | undefined;
    if (step === undefined) return;
    event.preventDefault();
    const next = worst[nextRank(worst, worst[stop]?.piece ?? -1, step)];
    if (next === undefined) return;
    state.piece.value = next.piece;
    scroller.current?.querySelectorAll<HTMLElement>('tbody button')[worst.indexOf(next)]?.focus();
  };
  return (
    <div class="worst">
      <div class="worst-title">
        <h3>Worst tokens</h3>
        <span class="worst-steps">
          <IconButton
            icon="arrow-up"
            label="Previous of the worst (p)"
            onClick={() => stepWorst(state, -1)}
          />
          <IconButton icon="arrow-down" label="Next of the worst (n)" onClick={() => stepWorst(state, 1)} />
        </span>
      </div>
      <div ref={scroller} class="worst-scroll">
        <table aria-label="Worst tokens" onKeyDown={onKeyDown}>
          <thead>
            <tr>
              <th scope="col">In the text</th>
              <th scope="col" title="Probability by the base, then by the model">
                p base → model
              </th>
              <th scope="col" title="KL divergence in nat">
                KL
              </th>
            </tr>
          </thead>
          <tbody>
            {worst.map((one, rank) => (
              <Row
                key={rank}
                one={one}
                isChosen={one.piece === piece}
                isStop={rank === stop}
                go={() => goToPiece(state, one.piece)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

interface RowProps {
  readonly one: WorstToken;
  readonly isChosen: boolean;
  readonly isStop: boolean;
  readonly go: () => void;
}

/** Characters before and after the token that are shown: the token itself must stay in sight. */
const BEFORE = 12;
const AFTER = 14;

function Row({ one, isChosen, isStop, go }: RowProps) {
  const { before, text, after, kl, nll, baseNll } = one;
  const plain = (part: string): string => part.replace(/\s+/g, ' ');
  return (
    <tr class={isChosen ? 'chosen' : undefined} onClick={go}>
      <th scope="row" title={plain(before + text + after)}>
        <button type="button" tabIndex={isStop ? 0 : -1} aria-current={isChosen ? 'true' : undefined}>
          <span class="context">{plain(before).slice(-BEFORE)}</span>
          <mark>{tokenText(text).replaceAll('␣', ' ')}</mark>
          <span class="context">{plain(after).slice(0, AFTER)}</span>
        </button>
      </th>
      <td>
        {probabilityText(Math.exp(-baseNll))} → {probabilityText(Math.exp(-nll))}
      </td>
      <td>{natText(kl)}</td>
    </tr>
  );
}

function reveal(scroller: HTMLElement, row: Element): void {
  const [outer, inner] = [scroller.getBoundingClientRect(), row.getBoundingClientRect()];
  const head = scroller.querySelector('thead')?.getBoundingClientRect().height ?? 0;
  if (inner.top < outer.top + head) scroller.scrollTop -= outer.top + head - inner.top;
  else if (inner.bottom > outer.bottom) scroller.scrollTop += inner.bottom - outer.bottom;
}
