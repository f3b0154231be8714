// Fetches the text of a comparison page by page; what has arrived is shown before the rest is there.
import { type DamagePage, MAX_DAMAGE_PIECES } from '../../../src/protocol/quality.ts';
import type { QualityState } from '../state.ts';
import { joinPages } from './damageText.ts';

export async function loadDamage(state: QualityState, id: string, signal: AbortSignal): Promise<void> {
  const pages: DamagePage[] = [];
  let [arrived, joined] = [0, 0];
  try {
    for (;;) {
      const page = await state.link.ask.damage({ id, first: arrived, count: MAX_DAMAGE_PIECES }, signal);
      if (signal.aborted) return;
      pages.push(page);
      arrived += page.texts.length;
      const isLast = page.texts.length === 0 || arrived >= page.pieceCount;
      // Joining copies everything: only when it has doubled, and at the end, so that the sum stays linear.
      if (isLast || arrived >= 2 * joined) {
        joined = arrived;
        state.damage.value = joinPages(id, pages);
      }
      if (isLast) return;
    }
  } catch {
    // Cancelled, or removed meanwhile: what has arrived stays.
  }
}
