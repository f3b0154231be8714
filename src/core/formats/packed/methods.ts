// Which packings a quantization method that a configuration names can have written.
import type { PackingSystem } from '../../quant/packed/packing.ts';

const SYSTEMS: Readonly<Partial<Record<string, readonly PackingSystem[]>>> = {
  gptq: ['gptq'],
  awq: ['awq'],
  bitsandbytes: ['bitsandbytes', 'bitsandbytes-int8'],
  'compressed-tensors': ['compressed-tensors', 'scaled', 'blockFloat'],
  fp8: ['scaled', 'blockFloat'], // DeepSeek-V4 keeps its experts in blocks of 4 bits and calls it fp8
  fbgemm_fp8: ['scaled'],
  modelopt: ['scaled', 'blockFloat', 'modelopt-int4'],
  mxfp4: ['blockFloat'],
  mlx: ['mlx', 'blockFloat'],
  exl2: ['exl2'],
  exl3: ['exl3'],
  hqq: ['hqq'],
  aqlm: ['aqlm'],
  torchao: ['torchao'],
};

/** Can this method have written it? Of a method that is not known, and of none: yes. */
export const isWrittenBy = (system: PackingSystem, method: string | null): boolean =>
  method === null || (SYSTEMS[method]?.includes(system) ?? true);
