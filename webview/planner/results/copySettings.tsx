// The settings of llama.cpp and Ollama that make a run what is planned, to copy.
import { llamaServerCommand, ollamaSettings, SERVER_KEEPS } from '../../../src/core/plan/settings.ts';
import type { MemoryRequest } from '../../../src/core/plan/memoryPlan.ts';
import type { PlannerView } from '../../../src/protocol/planner.ts';
import { IconButton } from '../../shared/controls.tsx';
import { copyText } from '../../shared/link.ts';
import type { PlannerState } from '../state.ts';

interface Props {
  readonly state: PlannerState;
  readonly view: PlannerView;
  readonly request: MemoryRequest;
}

export function CopySettings({ state, view, request }: Props) {
  const ollama = ollamaSettings(request, view.modelPath);
  return (
    <section aria-label="Settings">
      <h2 class="title">Settings</h2>
      <Snippet
        state={state}
        name="llama.cpp"
        what="llama-server command"
        text={llamaServerCommand(request, view.modelPath)}
      />
      <Snippet
        state={state}
        name="Ollama, environment"
        what="Ollama environment"
        text={ollama.environment.join('\n')}
      />
      <Snippet
        state={state}
        name="Ollama, Modelfile"
        what="Ollama Modelfile"
        text={ollama.modelfile.join('\n')}
      />
      {ollama.missing !== null && <p class="small muted">{ollama.missing}</p>}
      <p class="small muted">{SERVER_KEEPS}</p>
    </section>
  );
}

interface SnippetProps {
  readonly state: PlannerState;
  readonly name: string;
  readonly what: string;
  readonly text: string;
}

function Snippet({ state, name, what, text }: SnippetProps) {
  return (
    <div class="snippet">
      <span class="snippet-name">{name}</span>
      <pre>{text}</pre>
      <IconButton icon="copy" label={`Copy ${what}`} onClick={() => copyText(state.link, text)} />
    </div>
  );
}
