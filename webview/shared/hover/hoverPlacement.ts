// Where a hover card goes: below what it explains, above when it fits only there, never over it.

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Placement {
  readonly left: number;
  readonly top: number;
  readonly side: 'below' | 'above';
  /** Height the side has; a higher card scrolls. */
  readonly maxHeight: number;
}

/** Kept free at the edges of the page. */
const MARGIN = 8;
/** How far a card lies inside an anchor wider than itself: clear of the names at the left edge of a row. */
const INDENT_SHARE = 0.12;

/** @param card its natural size. All in px of the viewport. */
export function placeCard(anchor: Box, card: Size, viewport: Size): Placement {
  const below = viewport.height - MARGIN - anchor.bottom;
  const above = anchor.top - MARGIN;
  const side = card.height <= below || below >= above ? 'below' : 'above';
  const maxHeight = Math.max(0, side === 'below' ? below : above);
  const height = Math.min(card.height, maxHeight);
  const width = anchor.right - anchor.left;
  const wanted = anchor.left + (width > card.width ? width * INDENT_SHARE : 0);
  const rightmost = viewport.width - MARGIN - card.width;
  return {
    left: Math.round(Math.max(MARGIN, Math.min(wanted, rightmost))),
    top: Math.round(side === 'below' ? anchor.bottom : anchor.top - height),
    side,
    maxHeight,
  };
}
