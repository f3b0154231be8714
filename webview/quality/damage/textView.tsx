// The text itself, of which only the lines on the screen are drawn. Tab stops once; arrows walk from token to token.
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useWidth } from '../../shared/charts/useWidth.ts';
import { theme } from '../../shared/theme.ts';
import type { QualityState } from '../state.ts';
import { tokenColors } from './damageColors.ts';
import { breakLines, lineOf, partsOfLine, type TextLines } from './damageLines.ts';
import { damageOf, type DamageText } from './damageText.ts';
import { pieceForKey } from './textKeys.ts';
import { TokenCard } from './tokenCard.tsx';

/** Px of a line, as in the style sheet. */
const LINE_HEIGHT = 22;
/** Lines drawn above and below what is seen. */
const BEYOND = 6;
/** Px on both sides of the text together. */
const SIDES = 24;
const CARD_AFTER_MS = 250;

interface Props {
  readonly state: QualityState;
  readonly modelLabel: string;
  readonly baseLabel: string;
}

export function TextView({ state, modelLabel, baseLabel }: Props) {
  const { frame, width } = useWidth();
  const text = state.damage.value;
  const chosen = state.piece.value;
  const scroll = useSignal({ top: 0, height: 0 });
  const hovered = useSignal(-1);
  const hasFocus = useSignal(false);
  const lines = useMemo(() => linesOf(text, frame.current, width), [text, width]);

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    scroll.value = { top: element.scrollTop, height: element.clientHeight };
  }, [width, lines]);
  useEffect(() => {
    if (chosen >= 0 && frame.current !== null) scrollToLine(frame.current, lineOf(lines, chosen));
  }, [chosen, lines]);
  const hover = useHover((piece) => (hovered.value = piece));

  const onKeyDown = (event: KeyboardEvent): void => {
    if (text === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(scroll.peek().height / LINE_HEIGHT) - 1);
    if (event.key === 'Escape' && (hasFocus.peek() || hovered.peek() >= 0)) {
      hasFocus.value = false;
      hovered.value = -1;
    } else {
      const next = pieceForKey(event.key, chosen, { lines, texts: text.texts, page });
      if (next === null) return;
      hovered.value = -1;
      hasFocus.value = true;
      state.piece.value = next;
    }
    event.preventDefault();
  };
  const first = Math.max(0, Math.floor(scroll.value.top / LINE_HEIGHT) - BEYOND);
  const last = Math.min(
    lines.count,
    Math.ceil((scroll.value.top + scroll.value.height) / LINE_HEIGHT) + BEYOND,
  );
  const pointed = hovered.value >= 0 ? hovered.value : hasFocus.value ? chosen : -1;
  const isChosenDrawn = chosen >= (lines.pieces[first] ?? 0) && chosen < (lines.pieces[last] ?? Infinity);
  return (
    <section class="damage-frame" aria-label="Damaged text">
      <div
        ref={frame}
        class="damage-text"
        role="listbox"
        tabIndex={0}
        aria-label="Tokens of the text"
        aria-activedescendant={chosen >= 0 && isChosenDrawn ? pieceId(chosen) : undefined}
        onScroll={({ currentTarget: { scrollTop, clientHeight } }) => {
          scroll.value = { top: scrollTop, height: clientHeight };
          hover.leave();
        }}
        onKeyDown={onKeyDown}
        onFocus={() => {
          hasFocus.value = true;
          if (state.piece.peek() < 0)
            state.piece.value = lines.pieces[first + (first > 0 ? BEYOND : 0)] ?? -1;
        }}
        onBlur={() => (hasFocus.value = false)}
        onPointerMove={({ target }) => hover.over(pieceAt(target), hovered.peek() >= 0)}
        onPointerLeave={hover.leave}
        onClick={({ target }) => {
          const piece = pieceAt(target);
          if (piece >= 0) state.piece.value = piece;
        }}
      >
        <div role="presentation" class="damage-lines" style={{ height: `${lines.count * LINE_HEIGHT}px` }}>
          {text !== null &&
            Array.from({ length: Math.max(0, last - first) }, (_, at) => (
              <Line key={first + at} state={state} text={text} lines={lines} line={first + at} />
            ))}
        </div>
      </div>
      {text !== null && pointed >= 0 && pointed < text.arrived && (
        <TokenCard
          state={state}
          text={text}
          piece={pointed}
          frame={frame}
          isSpoken={hovered.value < 0}
          modelLabel={modelLabel}
          baseLabel={baseLabel}
          cause={scroll.value.top}
        />
      )}
      {text === null && <p class="damage-wait muted">Reading the text…</p>}
    </section>
  );
}

const pieceId = (piece: number): string => `piece-${piece}`;

interface LineProps {
  readonly state: QualityState;
  readonly text: DamageText;
  readonly lines: TextLines;
  readonly line: number;
}

function Line({ state, text, lines, line }: LineProps) {
  const measure = state.measure.value;
  const chosen = state.piece.value;
  return (
    <div role="presentation" class="damage-line" style={{ top: `${line * LINE_HEIGHT}px` }}>
      {partsOfLine(lines, text.texts, line).map(({ piece, text: part }, at) => {
        const damage = damageOf(text, measure, piece);
        const colors = tokenColors(theme.value, measure, damage);
        const names = [Number.isNaN(damage) ? 'unscored' : '', piece === chosen ? 'chosen' : ''];
        return (
          <span
            key={`${piece} ${at}`}
            id={at === 0 && lines.offsets[line] !== 0 ? undefined : pieceId(piece)}
            role="option"
            aria-selected={piece === chosen}
            data-piece={piece}
            class={names.join(' ').trim() || undefined}
            style={colors === null ? undefined : { ...colors }}
          >
            {part}
          </span>
        );
      })}
    </div>
  );
}

const NO_LINES: TextLines = { pieces: [], offsets: [], count: 0 };

function linesOf(text: DamageText | null, element: HTMLElement | null, width: number): TextLines {
  if (text === null || element === null || width <= SIDES) return NO_LINES;
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return NO_LINES;
  const { fontSize, fontFamily } = getComputedStyle(element);
  context.font = `${fontSize} ${fontFamily}`;
  context.fontKerning = 'none'; // as in the style sheet: pieces are drawn one by one
  const known = new Map<string, number>();
  const widthOf = (part: string): number => {
    let px = known.get(part);
    if (px === undefined) known.set(part, (px = context.measureText(part).width));
    return px;
  };
  return breakLines(text.texts, widthOf, width - SIDES);
}

function scrollToLine(element: HTMLElement, line: number): void {
  const top = line * LINE_HEIGHT;
  const isSeen = top >= element.scrollTop && top + LINE_HEIGHT <= element.scrollTop + element.clientHeight;
  if (!isSeen) element.scrollTop = Math.max(0, top - element.clientHeight / 3);
}

function pieceAt(target: EventTarget | null): number {
  const piece = (target as HTMLElement | null)?.closest<HTMLElement>('[data-piece]')?.dataset['piece'];
  return piece === undefined ? -1 : Number(piece);
}

/** Opens after a moment of rest; at once when it is open already. */
function useHover(show: (piece: number) => void): {
  readonly over: (piece: number, isOpen: boolean) => void;
  readonly leave: () => void;
} {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const last = useRef(-1);
  return useMemo(
    () => ({
      over(piece, isOpen) {
        if (piece === last.current) return;
        last.current = piece;
        clearTimeout(timer.current);
        if (piece < 0 || isOpen) show(piece);
        else timer.current = setTimeout(() => show(piece), CARD_AFTER_MS);
      },
      leave() {
        clearTimeout(timer.current);
        last.current = -1;
        show(-1);
      },
    }),
    [],
  );
}
