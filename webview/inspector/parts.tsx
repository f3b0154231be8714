// What nobody sees when a model opens: a script and a style sheet of their own, loaded after the first rows stand.
export { DepthTab } from './depth/depthTab.tsx';
export { MetadataTab } from './metadata/metadataTab.tsx';
export { TensorPanel } from './panel/tensorPanel.tsx';
