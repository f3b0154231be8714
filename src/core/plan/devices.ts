// Memory and bandwidth of common GPUs and Macs. Each row was compared in November 2026 with what is published of it, some with their
// maker's data sheet, most with copies and tables of others; a few are computed from the bus and the rate of the memory. NVIDIA:
// data center and RTX PRO data sheets, GeForce as in TechPowerUp's database; AMD's and Intel's product pages; Apple's technical
// specifications ("100GB/s" where the bus does 102.4). Where a card was sold with several memories the name says which.

/** What llama.cpp drives a GPU by; 'cpu' where there is none. */
export const BACKENDS = ['cuda', 'metal', 'vulkan', 'cpu'] as const;
export type Backend = (typeof BACKENDS)[number];

export interface Device {
  readonly name: string;
  readonly backend: Backend;
  /** Memory in GiB: makers write GB, and mean 2^30 bytes. */
  readonly memoryGiB: number;
  /** 10^9 bytes a second; null where it is not known. */
  readonly bandwidth: number | null;
  /** Year of the data sheet. */
  readonly year: number | null;
  /** The memory is the computer's own: weights on the GPU and in RAM share it. */
  readonly isUnified: boolean;
  /** What the GPU may use of a shared memory, in GiB; null: by the rule of its backend. */
  readonly gpuGiB: number | null;
}

type Row = readonly [name: string, memoryGiB: number, bandwidth: number, year: number, gpuGiB?: number];

const device =
  (backend: Backend, isUnified: boolean) =>
  ([name, memoryGiB, bandwidth, year, gpuGiB]: Row): Device => ({
    name,
    backend,
    memoryGiB,
    bandwidth,
    year,
    isUnified,
    gpuGiB: gpuGiB ?? null,
  });

/** By memory, then bandwidth. */
export const DEVICES: readonly Device[] = [
  ...(
    [
      ['GeForce GTX 1650 GDDR5', 4, 128, 2019],
      ['GeForce RTX 3050 6GB', 6, 168, 2024],
      ['GeForce GTX 1660 Super', 6, 336, 2019],
      ['GeForce RTX 4060', 8, 272, 2023],
      ['GeForce RTX 3070', 8, 448, 2020],
      ['GeForce RTX 3080', 10, 760, 2020],
      ['GeForce GTX 1080 Ti', 11, 484, 2017],
      ['GeForce RTX 3060 12GB', 12, 360, 2021],
      ['GeForce RTX 4070', 12, 504, 2023],
      ['GeForce RTX 5070', 12, 672, 2025],
      ['GeForce RTX 4060 Ti 16GB', 16, 288, 2023],
      ['Tesla T4', 16, 320, 2018],
      ['GeForce RTX 5060 Ti 16GB', 16, 448, 2025],
      ['GeForce RTX 4080', 16, 717, 2022],
      ['GeForce RTX 5080', 16, 960, 2025],
      ['L4', 24, 300, 2023],
      ['Tesla P40', 24, 346, 2016],
      ['A10', 24, 600, 2021],
      ['GeForce RTX 3090', 24, 936, 2020],
      ['GeForce RTX 4090', 24, 1008, 2022],
      ['GeForce RTX 5090', 32, 1792, 2025],
      ['RTX A6000', 48, 768, 2020],
      ['L40S', 48, 864, 2022],
      ['RTX 6000 Ada', 48, 960, 2022],
      ['A100 80GB', 80, 2039, 2021],
      ['H100 SXM', 80, 3350, 2022],
      ['RTX PRO 6000 Blackwell', 96, 1792, 2025],
      ['H200', 141, 4800, 2023],
      ['B200', 180, 8000, 2024],
      ['B300', 288, 8000, 2025],
    ] satisfies Row[]
  ).map(device('cuda', false)),
  // Of 128 GB CUDA sees 121.69 GiB.
  ...([['DGX Spark', 128, 273, 2025, 121]] satisfies Row[]).map(device('cuda', true)),
  ...(
    [
      ['Radeon RX 7600', 8, 288, 2023],
      ['Arc B580', 12, 456, 2024],
      ['Radeon RX 9070 XT', 16, 640, 2025],
      ['Radeon RX 7900 XT', 20, 800, 2022],
      ['Radeon RX 7900 XTX', 24, 960, 2022],
      ['Radeon PRO W7900', 48, 864, 2023],
      ['Instinct MI300X', 192, 5300, 2023],
      ['Instinct MI355X', 288, 8000, 2025],
    ] satisfies Row[]
  ).map(device('vulkan', false)),
  // AMD Variable Graphics Memory gives the GPU up to 96 GB.
  ...([['Ryzen AI Max+ 395 128GB', 128, 256, 2025, 96]] satisfies Row[]).map(device('vulkan', true)),
  ...(
    [
      ['Mac M1 8GB', 8, 68, 2020],
      ['Mac M2 16GB', 16, 100, 2022],
      ['Mac M4 16GB', 16, 120, 2024],
      ['Mac M4 24GB', 24, 120, 2024],
      ['Mac M4 Pro 24GB', 24, 273, 2024],
      ['Mac M1 Max 32GB', 32, 400, 2021],
      ['Mac M4 Max 36GB', 36, 410, 2024],
      ['Mac M4 Pro 48GB', 48, 273, 2024],
      ['Mac M2 Max 64GB', 64, 400, 2023],
      ['Mac M4 Max 128GB', 128, 546, 2024],
      ['Mac M2 Ultra 192GB', 192, 800, 2023],
      ['Mac M3 Ultra 256GB', 256, 819, 2025],
    ] satisfies Row[]
  ).map(device('metal', true)),
].sort(bySize);

function bySize(one: Device, other: Device): number {
  return one.memoryGiB - other.memoryGiB || (one.bandwidth ?? 0) - (other.bandwidth ?? 0);
}

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** macOS gives the GPU about two thirds of the memory, three quarters of more than 36 GB (Metal's recommendedMaxWorkingSetSize;
 * `sysctl iogpu.wired_limit_mb` changes it). */
const LARGE_MAC_GIB = 36;

/** Bytes a model may use of it on the GPU. */
export function usableBytes({ backend, memoryGiB, gpuGiB }: Device): number {
  if (gpuGiB !== null) return Math.floor(gpuGiB * GIB);
  const share = backend !== 'metal' ? 1 : memoryGiB > LARGE_MAC_GIB ? 3 / 4 : 2 / 3;
  return Math.floor(memoryGiB * GIB * share);
}

/** The device of the table with the least memory that holds so many bytes, of those that do not share the computer's. */
export function smallestDevice(gpuBytes: number): Device | null {
  return DEVICES.find((device) => !device.isUnified && usableBytes(device) >= gpuBytes) ?? null;
}

/**
 * What driver and libraries take before the first byte of a model: set aside, not computed. It depends on driver and GPU;
 * these are round figures above what is usually seen. A screen takes more.
 */
export const OVERHEAD_BYTES: Readonly<Record<Backend, number>> = {
  cuda: 512 * MIB,
  vulkan: 256 * MIB,
  metal: 128 * MIB,
  cpu: 64 * MIB,
};
