// The page as a whole: a model with its tabs, or what stands in place of one.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ModelView } from '../../src/protocol/modelView.ts';
import { Banner } from './banner.tsx';
import { HoverCard } from './card/hoverCard.tsx';
import { Header } from './header.tsx';
import { Later } from './later.tsx';
import { LayersTab } from './layersTab.tsx';
import { ProblemsTab } from './problems.tsx';
import { Failed, PointerPage, Unreadable } from './standIns.tsx';
import type { PageProps } from './state.ts';
import { panelId, tabId, TabStrip } from './tabStrip.tsx';
import '../shared/page.css';
import '../shared/icons.css';
import '../shared/tabbedPage.css';
import './page.css';

export function Page({ state, reload }: PageProps) {
  const model = state.model.value;
  const instead = state.instead.value;
  const failure = state.failure.value;
  if (model === null && instead?.kind === 'pointer') return <PointerPage state={state} pointer={instead} />;
  if (model === null && instead?.kind === 'unreadable')
    return <Unreadable state={state} view={instead} reload={reload} />;
  if (model === null && failure !== null) return <Failed text={failure} reload={reload} />;

  return <ModelPage state={state} model={model} reload={reload} />;
}

/** @param model null while it is being read. */
function ModelPage({ state, model, reload }: PageProps & { readonly model: ModelView | null }) {
  const tab = state.tab.value;
  const isHeaderDrawn = useSignal(false);
  // What the model is stands on the screen a frame before map and table, which take longer to lay out.
  useEffect(() => {
    if (model !== null) isHeaderDrawn.value = true;
  }, [model]);
  return (
    <main class="page">
      <Banner state={state} reload={reload} />
      <Header
        model={model}
        // The host tells what failed.
        planMemory={() => void state.link.ask.run({ command: 'planMemory' }).catch(() => undefined)}
      />
      <TabStrip state={state} reload={reload} />
      {/* Kept while another tab is shown: it remembers where it was scrolled to. */}
      <section
        role="tabpanel"
        id={panelId('layers')}
        aria-labelledby={tabId('layers')}
        hidden={tab !== 'layers'}
        class="panel"
      >
        {model === null && <p class="reading">Reading the header…</p>}
        {model !== null && isHeaderDrawn.value && <LayersTab state={state} model={model} />}
      </section>
      {model !== null && tab === 'depth' && (
        <section role="tabpanel" id={panelId(tab)} aria-labelledby={tabId(tab)} class="panel">
          <Later draw={({ DepthTab }) => <DepthTab state={state} model={model} />} />
        </section>
      )}
      {model !== null && tab === 'metadata' && (
        <section role="tabpanel" id={panelId(tab)} aria-labelledby={tabId(tab)} class="panel">
          <Later draw={({ MetadataTab }) => <MetadataTab state={state} model={model} />} />
        </section>
      )}
      {model !== null && tab === 'problems' && (
        <section role="tabpanel" id={panelId(tab)} aria-labelledby={tabId(tab)} class="panel">
          <ProblemsTab state={state} model={model} />
        </section>
      )}
      {model !== null && <HoverCard state={state} model={model} />}
    </main>
  );
}
