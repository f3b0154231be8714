// The page as a whole: what the file is, what must be known of it, and its tensors as a table or over depth.
import '../shared/page.css';
import '../shared/icons.css';
import '../shared/pageHeader.css';
import '../shared/hero.css';
import '../shared/tabbedPage.css';
import './page.css';
import { plural } from '../../src/core/base/units.ts';
import { Button } from '../shared/controls.tsx';
import { Icon } from '../shared/icon.tsx';
import { StandIn } from '../shared/standIn.tsx';
import { DepthTab } from './depth/depthTab.tsx';
import { Header } from './header.tsx';
import { Notes } from './notes.tsx';
import { TensorPanel } from './panel/tensorPanel.tsx';
import type { ImatrixState } from './state.ts';
import { panelId, tabId, TabStrip } from './tabStrip.tsx';
import { TensorTable } from './table/tensorTable.tsx';
import { Unreadable } from './unreadable.tsx';

export interface PageProps {
  readonly state: ImatrixState;
  readonly reload: () => void;
}

export function Page({ state, reload }: PageProps) {
  const view = state.view.value;
  const failure = state.failure.value;
  const unreadable = state.unreadable.value;
  if (unreadable !== null) return <Unreadable state={state} view={unreadable} reload={reload} />;
  if (view === null)
    return (
      <main class="page">
        {failure === null ? (
          <p class="reading">Reading the importance matrix…</p>
        ) : (
          <StandIn icon="warning" title="The importance matrix could not be opened">
            <p>{failure}</p>
            <p class="buttons">
              <Button appearance="primary" icon="refresh" onClick={reload}>
                Try again
              </Button>
            </p>
          </StandIn>
        )}
      </main>
    );
  const tab = state.tab.value;
  const isOpen = state.selected.value >= 0;
  return (
    <main class="page imatrix">
      <Banner state={state} reload={reload} />
      <Header view={view} />
      <Notes state={state} view={view} />
      <TabStrip state={state} view={view} />
      {tab === 'tensors' ? (
        <div
          class={`panel tensors ${isOpen ? 'with-panel' : ''}`}
          role="tabpanel"
          id={panelId('tensors')}
          aria-labelledby={tabId('tensors')}
        >
          <TensorTable state={state} view={view} />
          {isOpen && <TensorPanel state={state} view={view} />}
        </div>
      ) : (
        <div class="panel" role="tabpanel" id={panelId('depth')} aria-labelledby={tabId('depth')}>
          <DepthTab state={state} view={view} />
        </div>
      )}
    </main>
  );
}

/** What happened to the file, or to the last ask. */
function Banner({ state, reload }: PageProps) {
  const change = state.fileChange.value;
  const failure = state.failure.value;
  const missing = (state.view.value?.tensorCount ?? 0) - state.rows.value.names.length;
  const text =
    change === 'changed'
      ? 'The file has changed since it was read.'
      : change === 'gone'
        ? 'The file is gone; what was read of it stays here.'
        : failure !== null
          ? `${missing > 0 ? `${plural(missing, 'tensor')} could not be read. ` : ''}${failure}`
          : null;
  if (text === null) return null;
  return (
    <div class="banner" role="alert">
      <Icon name="warning" />
      <p>{text}</p>
      {change !== 'gone' && (
        <Button appearance="secondary" icon="refresh" onClick={reload}>
          Reload
        </Button>
      )}
    </div>
  );
}
