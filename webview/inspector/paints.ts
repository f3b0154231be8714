// When the page showed its first content and its first rows, measured in the page and told to the host once.
import { effect } from '@preact/signals';
import { afterPaint } from '../shared/afterPaint.ts';
import type { InspectorState } from './state.ts';

const FIRST_CONTENT = 'quantscope:first-content';
const TABLE_ROWS = 'quantscope:table-rows';

/** The table draws its rows a frame or two after it was laid out; when none comes in so many frames, none will. */
const MAX_FRAMES = 120;

/** Marks both moments on the page's performance timeline, then does what can wait. Rows only where the tab with the table is
 * the one shown. */
export function reportPaints(state: InspectorState, then: () => void): void {
  const stop = effect(() => {
    if (state.model.value === null) return;
    afterPaint(() => {
      stop();
      const firstContent = performance.mark(FIRST_CONTENT).startTime;
      whenRowsPaint(MAX_FRAMES, () => {
        const tableRows = performance.mark(TABLE_ROWS).startTime;
        then();
        // Nothing is lost when the host does not take it: it only writes it into its log.
        state.link.ask.painted({ firstContent, tableRows }).catch(() => undefined);
      });
    });
  });
}

function whenRowsPaint(frames: number, then: () => void): void {
  if (document.querySelector('[role=treegrid] [role=gridcell]') !== null) then();
  else if (frames > 0) afterPaint(() => whenRowsPaint(frames - 1, then));
}
