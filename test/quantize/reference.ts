// SHA-256 of what llama.cpp's own tools make of the samples, with the commands. Version v0.4.0, built with gcc 12 from the sources
// that node-llama-cpp carries; v0.5.0 makes the same bytes.
import { EMPTY_RECIPE, type Recipe } from '../../src/app/quantize/recipe.ts';

export interface ReferenceRun {
  /** llama-quantize OPTIONS sotu-5m-F16.gguf OUT TYPE 1, in a folder with the samples. */
  readonly command: string;
  readonly recipe: Recipe;
  readonly sha256: string;
}

const IMATRIX = 'sotu-5m.imatrix.gguf';

const run = (options: string, type: string, change: Partial<Recipe>, sha256: string): ReferenceRun => ({
  command: `${options} ${type}`.trim(),
  recipe: { ...EMPTY_RECIPE, type, ...change },
  sha256,
});

/* prettier-ignore */
export const REFERENCE_RUNS: readonly ReferenceRun[] = [
  run('', 'Q4_0', {}, 'c1710a88b1273bd8cab91946e7920d5a6bd95183bcc7e84548d27ef6ce8146a3'),
  run('', 'Q8_0', {}, '01dfa814ccf27c86948a73717b9c87b001e18e719a700a3ce8e2ea09e4bc5f5d'),
  run('', 'Q4_K_M', {}, 'af902be683cbe45c79c8e8ef9d74dccdadd4e5e7f508fe77579f9a330c0ebe22'),
  run('', 'Q5_K_M', {}, '40fdc6d4b844ff29774085569cb43104f3e2bee3cb469f386526e7c20f47a59f'),
  run('', 'Q6_K', {}, 'd5d719b536a98e04303ea603f5098ae4e2928fc9af1b2057ed20ed4395184fdb'),
  run('', 'Q2_K', {}, 'fb8167ccc36b8f86fce6319872c1e1da23bc0c7c897271a2de05bcfb9a623f42'),
  run('', 'IQ4_XS', {}, '233a1db11a3a51678dbb92a76ce31fe98d50f440fd1e064927127657406d6e8a'),
  run(`--imatrix ${IMATRIX}`, 'IQ2_XS', { imatrix: IMATRIX }, '95e8203caa4fe878b8694d49174479a09a6538d34086c0b62f78deb42cde9c65'),
  run(`--imatrix ${IMATRIX}`, 'Q4_K_M', { imatrix: IMATRIX }, 'a2c9f65ef46feeb9803a616ea28a79f040c431d7bc0622c62187fa595251fa96'),
  run('--pure', 'Q4_K_M', { pure: true }, '9042497dbddc7c2fac9f0bb995b7512dd7893331df195f613b0e58e41412760a'),
  run('--tensor-type ffn=mxfp4', 'Q4_K_M', { tensorTypes: [{ pattern: 'ffn', type: 'MXFP4' }] }, 'd7f6160f2ad656a1be69170ba80a81bf735938534a3c38fd4c4e6f6fab006427'),
  run(String.raw`--tensor-type blk\.(0|3)\.attn_v=q8_0 --tensor-type ATTN_V=iq4_nl`, 'Q4_K_M', { tensorTypes: [{ pattern: String.raw`blk\.(0|3)\.attn_v`, type: 'q8_0' }, { pattern: 'ATTN_V', type: 'iq4_nl' }] }, '0367ea0db018c46a95a91921e249661d789c18f99f60250d4b1525c9cc7734c0'),
  run('--output-tensor-type q8_0 --token-embedding-type q4_0', 'Q4_K_M', { outputType: 'Q8_0', embeddingType: 'Q4_0' }, '7bd82ef95228e4c35faee0ff59aed22a073b8ed795b3b74bb80335e05f836010'),
  run('--leave-output-tensor', 'Q4_0', { leaveOutput: true }, '56e76ea940146fb1c76b2b4ea2a862705a4b7f1a96c69ecd2b0757bf865fe56b'),
  run('', 'BF16', {}, '0c7dc7679f0817b312a4770c4ab9539a9c323b2228bdf056fa3856e61534eca5'),
  run('', 'F32', {}, '58d6b54be05c5f9554801db9989077f535ca43deaef19b25833fe22821cd0c4a'),
  run('', 'MXFP4_MOE', {}, '8ee6961ffc4fe15e7a67c7d7fe2642333e0ab002582739e296bf5101cc6ccd3b'),
  run('', 'TQ2_0', {}, 'df21d23fef31ef1d4704dfa6df37bb80d1ecb8888d5fe1ad3a44f5653ab18da1'),
  run('--prune-layers 1,2 --override-kv general.name=str:Short --override-kv llama.rope.freq_base=float:20000 --override-kv tokenizer.ggml.add_bos_token=bool:false --override-kv quantscope.answer=int:42', 'Q5_K_S', {
    pruneLayers: [1, 2],
    metadata: [
      { key: 'general.name', type: 'str', value: 'Short' },
      { key: 'llama.rope.freq_base', type: 'float', value: 20000 },
      { key: 'tokenizer.ggml.add_bos_token', type: 'bool', value: false },
      { key: 'quantscope.answer', type: 'int', value: 42 },
    ],
  }, '033055b6318195580cae638ee48e67bc42060b7bb84ed35bc246c40bfec57500'),
];

/** llama-quantize --allow-requantize sotu-5m-Q4_K_M.gguf OUT Q8_0 1, from what Q4_K_M makes */
export const REQUANTIZED = '7388d95999b01b24eab118775fa9b3483cb7c372de6cdac3898b352be3ddb6c2';

/** llama-quantize --keep-split split-00001-of-00003.gguf OUT Q4_K_M 1, from what splitSample.ts makes of the F16 sample */
export const KEPT_SPLIT = [
  '8a83f8fb7b460b30119d2e1274e35adda0a8b099a8bb2ac3d55214410513e23c',
  'f509b7e613fb3421c8caae1b90acdee2bb946dfda2a3545876f9a2d54d6ee8d5',
  '30256f8c6f87c38e1ce548a0a22b63090ed9ab7ac4d9f807a2ae3ab12808487a',
] as const;

/** llama-imatrix -m sotu-5m-F16.gguf --in-file sotu-5m.imatrix.gguf --output-format dat -o imx.dat -c 256 */
export const LEGACY_IMATRIX = '300bb195724449a14a727c3caf2d4effdcca23ece396abe626f169a51f74678c';
/** llama-quantize --imatrix imx.dat sotu-5m-F16.gguf OUT Q4_0 1 */
export const WITH_LEGACY_IMATRIX = '821c8a3f09173fa5cc5b0126a14db4b11ddc736bff402b6ff059bd10fc3820d5';

/** Of single tensors: the first sum of squares, and all of them together. */
type Sums = readonly (readonly [tensor: string, first: number, total: number])[];

/** llama-imatrix -m sotu-5m-F16.gguf -f sotu-test-200k.txt -t 1 -o OUT and these options */
export const IMATRIX_RUNS = [
  {
    command: '-c 256 --chunks 12',
    change: { contextTokens: 256, chunkLimit: 12 },
    chunks: 12,
    sha256: 'aa0a8b6148b6d817c6d302b06e4a2b2ed8fdb9ef0c1f4ff303d9dee02b5e7e30',
    sums: [
      ['blk.0.attn_q.weight', 0.8416101932525635, 2874.966795847089],
      ['blk.3.ffn_down.weight', 7524.90869140625, 7952061.137939453],
    ] satisfies Sums,
  },
  {
    command: '-c 320 --chunks 7',
    change: { contextTokens: 320, chunkLimit: 7 },
    chunks: 7,
    sha256: 'f07884a8dc9abc9e9cbe1cd5d2acdaa0378089cdb8348a19d7a494f7aa302c62',
    sums: [
      ['blk.0.attn_q.weight', 0.6174589395523071, 2095.340661172857],
      ['blk.3.ffn_down.weight', 5222.59912109375, 5711989.517150879],
    ] satisfies Sums,
  },
  // Of 3,584 tokens the last six made a batch too small for its rule, so it counts one chunk less.
  {
    command: '-c 512 --chunks 7',
    change: { contextTokens: 512, chunkLimit: 7 },
    chunks: 6,
    sha256: '8408c1d7559acd2be7f487fdcc1ea7524788f7f59abed3d7ec2af292af9f5b7e',
    sums: [
      ['blk.0.attn_q.weight', 1.002112865447998, 3365.1507080130395],
      ['blk.3.ffn_down.weight', 6340.91748046875, 7680293.311553955],
    ] satisfies Sums,
  },
] as const;
