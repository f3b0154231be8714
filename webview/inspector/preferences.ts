// What the user prefers in all files: how counts grow in histograms, how wide the panel of a tensor is.
import { batch, effect } from '@preact/signals';
import { DEFAULT_PREFERENCES, type InspectorState, type Preferences } from './state.ts';

/** Narrower, a panel cannot hold its charts; the style sheet keeps it from being too wide. */
export const MIN_PANEL_WIDTH = 420;
/** A screen is hardly wider. */
const MAX_PANEL_WIDTH = 4000;

/** Read with care: another version may have written them. */
export function parsePreferences(raw: unknown): Preferences {
  const { countScale, panelWidth } = (raw ?? {}) as Partial<Record<keyof Preferences, unknown>>;
  return {
    countScale: countScale === 'linear' ? 'linear' : 'log',
    panelWidth:
      typeof panelWidth === 'number' && panelWidth >= MIN_PANEL_WIDTH && panelWidth <= MAX_PANEL_WIDTH
        ? Math.round(panelWidth)
        : DEFAULT_PREFERENCES.panelWidth,
  };
}

/** Writing waits until the user pauses: a panel is dragged through many widths. */
const SAVE_DELAY_MS = 300;

/** Takes over what the model came with, the first time, and writes down every change from then on. */
export function keepPreferences(state: InspectorState): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let written: string | null = null;
  effect(() => {
    const model = state.model.value;
    const preferences: Preferences = {
      countScale: state.countScale.value,
      panelWidth: state.panelWidth.value,
    };
    if (model === null) return;
    if (written === null) {
      const saved = parsePreferences(model.preferences);
      written = JSON.stringify(saved);
      batch(() => {
        state.countScale.value = saved.countScale;
        state.panelWidth.value = saved.panelWidth;
      });
      return;
    }
    const text = JSON.stringify(preferences);
    if (text === written) return;
    written = text;
    clearTimeout(timer);
    timer = setTimeout(() => {
      // Preferences that could not be saved are not worth a word to the user: they hold as long as the page.
      state.link.ask.savePreferences({ preferences }).catch(() => undefined);
    }, SAVE_DELAY_MS);
  });
}
