// Every name that package.json and the code share. A test compares the two.

export const VIEW_TYPES = { model: 'quantscope.model', index: 'quantscope.index' } as const;

/** Importance matrices; *.dat may be anything, so that is on request. GGUF files come by the editor of models. */
export const IMATRIX_VIEW_TYPES = {
  imatrix: 'quantscope.imatrix',
  data: 'quantscope.imatrixData',
} as const;

export const COMMANDS = {
  openModel: 'quantscope.openModel',
  openAsModel: 'quantscope.openAsModel',
  revealTensor: 'quantscope.revealTensor',
  focusFilter: 'quantscope.focusFilter',
  copyReport: 'quantscope.copyReport',
  exportReport: 'quantscope.exportReport',
  reopenAsText: 'quantscope.reopenAsText',
  reopenAsHex: 'quantscope.reopenAsHex',
  reload: 'quantscope.reload',
  analyze: 'quantscope.analyze',
  cancelAnalysis: 'quantscope.cancelAnalysis',
} as const;

export const QUALITY_COMMANDS = {
  measurePerplexity: 'quantscope.measurePerplexity',
  selectDevice: 'quantscope.selectDevice',
  downloadCuda: 'quantscope.downloadCuda',
} as const;

export const IMATRIX_COMMANDS = { makeImatrix: 'quantscope.makeImatrix' } as const;

export const REQUANTIZE_COMMANDS = { requantize: 'quantscope.requantize' } as const;

export const PLANNER_COMMANDS = { planMemory: 'quantscope.planMemory' } as const;

export const SETTINGS = {
  /** Threads of an analysis; 0: all cores but one. */
  analysisThreads: 'quantscope.analysis.threads',
  /** Where llama.cpp computes: one of DEVICE_CHOICES. */
  engineDevice: 'quantscope.engine.device',
  /** Index of a GPU; null: all. */
  engineGpu: 'quantscope.engine.gpu',
  /** null: as many as fit. */
  engineGpuLayers: 'quantscope.engine.gpuLayers',
  /** 0: all cores but one to measure, all of them to quantize. */
  engineThreads: 'quantscope.engine.threads',
  /** Tokens that are read at once. */
  qualityContext: 'quantscope.quality.context',
  /** Name of a device that headers speak of; '' for none. */
  plannerDevice: 'quantscope.planner.device',
  /** Devices besides those of the table. */
  plannerDevices: 'quantscope.planner.devices',
} as const;

/** What menus are shown by. */
export const CONTEXT_KEYS = {
  /** The model in front is being analyzed. */
  isAnalyzing: 'quantscope.analysis.isRunning',
  /** The editor in front shows an importance matrix: what is offered for models is of no use there. */
  isImatrix: 'quantscope.imatrix.isInFront',
} as const;
