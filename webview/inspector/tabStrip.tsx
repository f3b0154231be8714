// The tabs of the page, and at their right end what one can do with the file.
import { formatCount } from '../../src/core/base/units.ts';
import type { Severity } from '../../src/core/base/problem.ts';
import type { ModelView } from '../../src/protocol/modelView.ts';
import type { PageCommand } from '../../src/protocol/inspector.ts';
import { Icon } from '../shared/icon.tsx';
import { MenuButton } from '../shared/menu.tsx';
import { AnalyzeButton } from './analysis/analyzeButton.tsx';
import { AnalysisProgress } from './analysis/progress.tsx';
import type { InspectorState, PageProps, Tab } from './state.ts';

export const tabId = (tab: Tab): string => `tab-${tab}`;
export const panelId = (tab: Tab): string => `panel-${tab}`;

const TABS: readonly { readonly id: Tab; readonly title: string }[] = [
  { id: 'layers', title: 'Layers' },
  { id: 'depth', title: 'Depth' },
  { id: 'metadata', title: 'Metadata' },
  { id: 'problems', title: 'Problems' },
];

export function TabStrip({ state, reload }: PageProps) {
  return (
    <nav class="tab-strip" aria-label="Views of the model">
      <Tabs state={state} />
      <AnalysisProgress state={state} />
      <Actions state={state} reload={reload} />
    </nav>
  );
}

function Tabs({ state }: { readonly state: InspectorState }) {
  const model = state.model.value;
  const shown = state.tab.value;
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = TABS.findIndex(({ id }) => id === shown);
    const goTo: Partial<Record<string, number>> = {
      ArrowRight: (at + 1) % TABS.length,
      ArrowLeft: (at + TABS.length - 1) % TABS.length,
      Home: 0,
      End: TABS.length - 1,
    };
    const next = TABS[goTo[event.key] ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    state.tab.value = next.id;
    document.getElementById(tabId(next.id))?.focus();
  };
  return (
    <div role="tablist" class="tabs" aria-label="Views of the model" onKeyDown={onKeyDown}>
      {TABS.map(({ id, title }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={tabId(id)}
          aria-selected={id === shown}
          aria-controls={id === shown ? panelId(id) : undefined}
          tabIndex={id === shown ? 0 : -1}
          onClick={() => (state.tab.value = id)}
        >
          {title}
          {model !== null && <TabCount tab={id} model={model} />}
        </button>
      ))}
    </div>
  );
}

function TabCount({ tab, model }: { readonly tab: Tab; readonly model: ModelView }) {
  if (tab === 'metadata') return <span class="count">{formatCount(model.metadataCount)}</span>;
  const count = Math.max(model.errorCount + model.warningCount, model.problems.length);
  if (tab !== 'problems' || count === 0) return null;
  return (
    <span class="count">
      <Icon name={worstOf(model)} />
      {formatCount(count)}
    </span>
  );
}

function worstOf({ errorCount, warningCount }: ModelView): Severity {
  return errorCount > 0 ? 'error' : warningCount > 0 ? 'warning' : 'info';
}

function Actions({ state, reload }: PageProps) {
  const run = (command: PageCommand) => (): void => {
    state.link.ask.run({ command }).catch(() => undefined); // the host itself tells the user what failed
  };
  return (
    <div class="actions">
      <AnalyzeButton state={state} leaveTo={tabId(state.tab.value)} />
      {state.model.value?.container.startsWith('GGUF') === true && (
        <button
          type="button"
          class="action"
          title="Measure perplexity on a text"
          aria-label="Perplexity…"
          onClick={run('measurePerplexity')}
        >
          <Icon name="dashboard" />
          <span class="wide-only">Perplexity…</span>
        </button>
      )}
      {state.model.value?.container.startsWith('GGUF') === true && (
        <button
          type="button"
          class="action"
          title="Plan another quantization, see what it costs, write it"
          aria-label="Re-quantize…"
          onClick={run('requantize')}
        >
          <Icon name="fold" />
          <span class="wide-only">Re-quantize…</span>
        </button>
      )}
      <MenuButton
        label="Report"
        items={[
          { label: 'Copy as Markdown', run: run('copyReport') },
          { label: 'Export…', run: run('exportReport') },
        ]}
      >
        <Icon name="export" />
        <span class="wide-only">Report</span>
        <Icon name="chevron-down" />
      </MenuButton>
      <MenuButton
        label="More actions"
        items={[
          { label: 'Reopen as text', run: run('reopenAsText') },
          { label: 'Reopen as hex', run: run('reopenAsHex') },
          { label: 'Reveal in Explorer', run: run('revealInExplorer') },
          { label: 'Reload', run: reload, separated: true },
        ]}
      >
        <Icon name="ellipsis" />
      </MenuButton>
    </div>
  );
}
