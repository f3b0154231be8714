// The column of options: what the recipe says besides types of single tensors, what it costs, where it is written, and the same
// as a command.
import './options.css';
import type { RequantizeView } from '../../../src/protocol/requantize.ts';
import { isLocked, type RequantizeState } from '../state.ts';
import { Checks } from './checks.tsx';
import { Command } from './command.tsx';
import { Costs } from './costs.tsx';
import { ImatrixOption } from './imatrixOption.tsx';
import { MetadataOverrides } from './metadataOverrides.tsx';
import { OutputOption } from './outputOption.tsx';
import { PruneLayers } from './pruneLayers.tsx';
import { RoleSums } from './roleSums.tsx';
import { Section } from './section.tsx';
import { TargetPicker } from './targetPicker.tsx';
import { TypeOption } from './typeOption.tsx';

interface Props {
  readonly state: RequantizeState;
  readonly view: RequantizeView;
}

export function Options({ state, view }: Props) {
  const { metadata, pruneLayers } = state.draft.value.options;
  return (
    <aside class="options" aria-label="Options">
      <div class="options-part">
        <TargetPicker state={state} view={view} />
        <ImatrixOption state={state} view={view} />
        <TypeOption state={state} view={view} field="outputType" />
        <TypeOption state={state} view={view} field="embeddingType" />
        <Checks state={state} view={view} />
      </div>
      {/* Without a plan to come there is nothing to write, and nowhere. */}
      {!isLocked(state) && (
        <div class="options-part">
          <Costs state={state} />
          <OutputOption state={state} view={view} />
          <Section state={state} id="roles" title="By role" count={0}>
            <RoleSums state={state} />
          </Section>
          <Section state={state} id="metadata" title="Metadata" count={metadata.length}>
            <MetadataOverrides state={state} />
          </Section>
          <Section state={state} id="prune" title="Leave out layers" count={pruneLayers.length}>
            <PruneLayers state={state} />
          </Section>
          <Command state={state} view={view} />
        </div>
      )}
    </aside>
  );
}
