// The second tab: one block of the tensor taken apart, its bytes, its fields and its weights beside each other.
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { formatCount, plural } from '../../../src/core/base/units.ts';
import type { ModelView } from '../../../src/protocol/modelView.ts';
import type { BlockContents, TensorStatsView } from '../../../src/protocol/tensorStats.ts';
import { useWidth } from '../../shared/charts/useWidth.ts';
import { BlockPicture } from '../card/blockPicture.tsx';
import type { InspectorState } from '../state.ts';
import { useAnswer } from '../../shared/answer.ts';
import { pinnedWeight } from './pinned.ts';
import { blockMarks, largestWeight, type BlockPart } from './blockMarks.ts';
import { ByteGrid } from './byteGrid.tsx';
import { Answered } from './answered.tsx';
import { WeightFormula } from './weightFormula.tsx';
import { WeightGrid } from './weightGrid.tsx';

interface Props {
  readonly state: InspectorState;
  readonly model: ModelView;
  readonly row: number;
  /** null while they are not known: outliers are then not marked. */
  readonly stats: TensorStatsView | null;
}

export function Blocks({ state, model, row, stats }: Props) {
  const name = state.rows.value.names[row] ?? '';
  const index = state.block.value;
  const { answer } = useAnswer(
    (signal) => state.link.ask.block({ name, index }, signal),
    [name, index, model],
  );
  const blockCount = useRef(Infinity);
  if (answer.kind === 'here') blockCount.current = answer.value.blockCount;
  const go = (to: number): void => {
    state.block.value = Math.max(0, Math.min(blockCount.current - 1, to));
  };
  // Here and not beside the buttons: keys count also while a block is being read and its page is gone.
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const isTyping = event.composedPath()[0] instanceof HTMLInputElement;
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '[') go(state.block.peek() - 1);
      else if (event.key === ']') go(state.block.peek() + 1);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
  // The block may be one of a tensor that was larger before the file was replaced: without it there is no way to another.
  useLayoutEffect(() => {
    if (answer.kind === 'failed') state.block.value = 0;
  }, [answer]);
  const type = model.types[state.rows.value.type[row] ?? 0];
  return (
    <Answered answer={answer} waiting="Reading the block…">
      {(block) => (
        <>
          <BlockChoice state={state} block={block} go={go} />
          {type?.block && <Fields block={type.block} cost={type.cost} />}
          <Contents
            key={`${name} ${block.index} ${pinnedIndex(name, block)}`}
            block={block}
            stats={stats}
            isPacked={type?.isPacked === true}
            pinnedIndex={pinnedIndex(name, block)}
          />
        </>
      )}
    </Answered>
  );
}

function BlockChoice({
  state,
  block,
  go,
}: {
  readonly state: InspectorState;
  readonly block: BlockContents;
  readonly go: (index: number) => void;
}) {
  const last = block.blockCount - 1;
  return (
    <div class="block-choice">
      <label>
        Block{' '}
        <input
          type="number"
          min={0}
          max={last}
          value={block.index}
          onChange={({ currentTarget }) => {
            const index = Math.floor(currentTarget.valueAsNumber);
            if (Number.isFinite(index)) go(index);
            currentTarget.value = String(state.block.peek());
          }}
        />
      </label>
      <span class="muted cut">
        of {formatCount(block.blockCount)} · row {formatCount(block.row)}, columns {formatCount(block.column)}
        –{formatCount(block.column + block.weights.length - 1)}
      </span>
      <span class="steps">
        <button
          type="button"
          aria-label="Block before ([)"
          disabled={block.index === 0}
          onClick={() => go(state.block.peek() - 1)}
        >
          <kbd>[</kbd>
        </button>
        <button
          type="button"
          aria-label="Next block (])"
          disabled={block.index >= last}
          onClick={() => go(state.block.peek() + 1)}
        >
          <kbd>]</kbd>
        </button>
      </span>
    </div>
  );
}

function Fields({
  block,
  cost,
}: {
  readonly block: Parameters<typeof BlockPicture>[0]['block'];
  readonly cost: string;
}) {
  const { frame, width } = useWidth();
  return (
    <div ref={frame} class="block-fields">
      {width > 0 && <BlockPicture block={block} width={width} cost={cost} />}
    </div>
  );
}

/** The weight of this block that was chosen among the worst outliers; −1: none. */
function pinnedIndex(name: string, { index }: BlockContents): number {
  const chosen = pinnedWeight.value;
  return chosen !== null && chosen.tensor === name && chosen.block === index ? chosen.index : -1;
}

/** What is pointed at lights up what belongs to it; a click keeps it until the next, or until it is clicked again. */
function Contents({
  block,
  stats,
  isPacked,
  pinnedIndex: pinnedAtFirst,
}: {
  readonly block: BlockContents;
  readonly stats: TensorStatsView | null;
  /** Its bytes lie apart. */
  readonly isPacked: boolean;
  /** A weight that was chosen elsewhere; −1: none. */
  readonly pinnedIndex: number;
}) {
  const pinned = useSignal<BlockPart | null>(
    pinnedAtFirst < 0 ? null : { kind: 'weight', index: pinnedAtFirst },
  );
  const pointed = useSignal<BlockPart | null>(null);
  const part = pointed.value ?? pinned.value ?? { kind: 'weight', index: largestWeight(block) };
  const marks = blockMarks(block, part);
  const pin = (clicked: BlockPart): void => {
    const isSame = pinned.peek()?.kind === clicked.kind && pinned.peek()?.index === clicked.index;
    pinned.value = isSame ? null : clicked;
  };
  const handlers = {
    point: (at: BlockPart | null): void => void (pointed.value = at),
    pin,
  };
  const weight = block.weights[marks.weight];
  return (
    <>
      <div class="block-halves">
        <section aria-label="Bytes">
          <div class="chart-title">
            <h3>Bytes</h3>
            <span class="finding">
              {isPacked
                ? `${plural(block.bytes.length, 'byte')} of several tensors, codes from offset ${formatCount(block.byteOffset)}`
                : `${plural(block.bytes.length, 'byte')} at offset ${formatCount(block.byteOffset)}`}
            </span>
          </div>
          <ByteGrid block={block} marks={marks} pinned={pinned.value} {...handlers} />
        </section>
        {weight && (
          <WeightFormula
            weight={weight}
            index={marks.weight}
            column={block.column + marks.weight}
            row={block.row}
            summary={stats?.summary ?? null}
          />
        )}
      </div>
      <section aria-label="Weights">
        <div class="chart-title">
          <h3>Weights</h3>
          <span class="finding">
            bars up are positive; those beyond 3σ of the tensor in the outlier color
          </span>
        </div>
        <WeightGrid
          block={block}
          marks={marks}
          pinned={pinned.value}
          summary={stats?.summary ?? null}
          {...handlers}
        />
      </section>
    </>
  );
}
