// llama.cpp's libraries with CUDA, by platform, as npm has them: too large to ship, so they are fetched on the user's word. The
// version is that of the libraries that ship (tools/engine.json; a test compares), the hash the one that npm publishes for it.

export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** "sha512-" and base64. */
  readonly integrity: string;
}

export const CUDA_PACKAGES: Readonly<Record<string, PinnedPackage>> = {
  'linux-x64': {
    name: '@node-llama-cpp/linux-x64-cuda',
    version: '3.21.1',
    integrity:
      'sha512-idsE55VoD/FbvLhnBC9krUJaUoC0XnebseAAnCpm/brKf61HEbu+idgbb5eN6mxkjLSrHtILprJ0nDcUJjVrFg==',
  },
  'win32-x64': {
    name: '@node-llama-cpp/win-x64-cuda',
    version: '3.21.1',
    integrity:
      'sha512-PLz70neFEMkQTlmJqG1ujUtCSgHasLPMxQ9rLkqQVmZYAXqkRj+45TIHCjdn3XqUeaoun0vrO9rRaxZ8NVq9jg==',
  },
};

export const NPM_REGISTRY = 'https://registry.npmjs.org';
