// The parts of the inspector page as a person finds them, in a page of its own or in a webview of VS Code.
import type { FrameLocator, Locator, Page } from 'playwright-core';

export interface Inspector {
  readonly title: Locator;
  /** The line of facts under the title. */
  readonly facts: Locator;
  readonly map: Locator;
  readonly table: Locator;
  readonly filter: Locator;
  /** "39 tensors", "2 of 39 · 1.2 MB". */
  readonly filterCount: Locator;
  readonly selectedRow: Locator;
  readonly card: Locator;
  readonly banner: Locator;
  /** A row of the table by what stands in it, as "blk.2.ffn_down" or "Layer 2". */
  row(text: string): Locator;
  tab(name: 'Layers' | 'Metadata' | 'Problems'): Locator;
  panel(name: 'Layers' | 'Metadata' | 'Problems'): Locator;
}

export function inspectorIn(page: Page | FrameLocator): Inspector {
  const table = page.getByRole('treegrid', { name: 'Tensors' });
  return {
    title: page.getByRole('heading', { level: 1 }),
    facts: page.getByRole('list', { name: 'Facts' }),
    map: page.getByRole('grid', { name: 'Bits per weight by layer and role' }),
    table,
    filter: page.getByRole('textbox', { name: 'Filter tensors' }),
    filterCount: page.locator('.filter-count'),
    selectedRow: table.locator('[role=row][aria-selected=true]'),
    card: page.getByRole('tooltip'),
    banner: page.locator('.banner'),
    row: (text) => table.getByRole('row').filter({ hasText: text }).first(),
    tab: (name) => page.getByRole('tab', { name: new RegExp(`^${name}`) }),
    panel: (name) => page.getByRole('tabpanel', { name: new RegExp(`^${name}`) }),
  };
}
