// The way from a page about a model back to its layers.
import { Icon } from './icon.tsx';

interface Props {
  readonly showLayers: (argument: null) => Promise<unknown>;
}

export function LayersLink({ showLayers }: Props) {
  return (
    <button
      type="button"
      class="link-button"
      onClick={() => void showLayers(null).catch(() => undefined)} // the host tells what failed
    >
      <Icon name="chevron-left" />
      Layers
    </button>
  );
}
