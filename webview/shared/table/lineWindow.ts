// Long tables have only the lines in view in the document: which those are, and how a line comes into view.

export const ROW_HEIGHT = 22;
const HEAD_HEIGHT = 24;
/** Lines drawn beyond each end of the view, so that scrolling finds them there; the window moves in steps of half of it. */
const MARGIN_LINES = 8;
/** Before the table was measured: enough for any screen the first time. */
export const FIRST_HEIGHT = 900;

/** Position of the first line that is drawn. */
export function firstDrawn(scrollTop: number): number {
  const step = MARGIN_LINES / 2;
  return Math.max(0, Math.floor(scrollTop / ROW_HEIGHT / step) * step - MARGIN_LINES);
}

/** Lines that are drawn of a table so high. */
export const drawnLines = (height: number): number =>
  Math.ceil(height / ROW_HEIGHT) + 2 * MARGIN_LINES + MARGIN_LINES / 2;

/** Whole lines that fit: as far as Page Down goes. */
export const pageLines = (height: number): number =>
  Math.max(1, Math.floor((height - HEAD_HEIGHT) / ROW_HEIGHT) - 1);

/** @param where 'nearest': as little as needed; 'middle': away from the edges when it is out of view. */
export function scrollToLine(element: HTMLElement, position: number, where: 'nearest' | 'middle'): void {
  const top = position * ROW_HEIGHT;
  const room = element.clientHeight - HEAD_HEIGHT - ROW_HEIGHT;
  const least = top - room;
  if (element.scrollTop <= top && element.scrollTop >= least) return;
  if (where === 'middle') element.scrollTop = top - room / 3;
  else element.scrollTop = element.scrollTop > top ? top : least;
}
