// Names of architectures: those llama.cpp v0.4.0 knows (src/llama-arch.cpp, LLM_ARCH_NAMES), and what transformers calls them.

const KNOWN = new Set(
  (
    'clip llama llama4 deci falcon grok gpt2 gptj gptneox mpt baichuan starcoder refact bert modern-bert nomic-bert ' +
    'nomic-bert-moe neo-bert jina-bert-v2 jina-bert-v3 eurobert bloom stablelm qwen qwen2 qwen2moe qwen2vl qwen3 qwen3moe ' +
    'qwen3next qwen3vl qwen3vlmoe qwen35 qwen35moe qwen4exp phi2 phi3 phimoe plamo plamo2 plamo3 codeshell orion internlm2 ' +
    'minicpm minicpm3 gemma gemma2 gemma3 gemma3n gemma4 gemma4-assistant gemma-embedding starcoder2 mamba mamba2 jamba ' +
    'falcon-h1 xverse command-r cohere2 cohere2moe dbrx olmo olmo2 olmoe muse-glimmer openelm arctic deepseek deepseek2 ' +
    'deepseek2-ocr deepseek32 deepseek4 chatglm glm4 glm4moe glm-dsa bitnet t5 t5encoder jais jais2 nemotron nemotron_h ' +
    'nemotron_h_moe exaone exaone4 exaone-moe rwkv6 rwkv6qwen2 rwkv7 arwkv7 granite granitemoe granitehybrid graniteswitch ' +
    'granite_swa chameleon wavtokenizer-dec plm bailingmoe bailingmoe2 bailingmoe3 dots1 dots3note arcee afmoe laguna ' +
    'ernie4_5 ernie4_5-moe hunyuan-moe hunyuan-dense hunyuan_vl hy_v3 smollm3 gpt-oss lfm2 lfm2moe dream smallthinker llada ' +
    'llada-moe seed_oss grovemoe apertus minimax-01 minimax-m2 minimax-m3 cogvlm rnd1 pangu-embedded mistral3 eagle3 dflash ' +
    'mistral4 paddleocr mimo2 step35 llama-embed maincoder kimi-linear kimi-k3 talkie mellum nanbeige qwen3tts pockettts'
  ).split(' '),
);

export const isLlamaArchitecture = (name: string): boolean => KNOWN.has(name);

/** model_type of config.json → llama.cpp's name, where it is not the same without "_text" and with "_" left out. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['mistral', 'llama'],
  ['mixtral', 'llama'],
  ['ministral', 'mistral3'],
  ['ministral3', 'mistral3'],
  ['deepseek_v2', 'deepseek2'],
  ['deepseek_v3', 'deepseek2'],
  ['deepseek_v32', 'deepseek32'],
  ['kimi_k2', 'deepseek2'],
  ['glm4_moe_lite', 'deepseek2'],
  ['glm_moe_dsa', 'glm-dsa'],
  ['solar_open', 'glm4moe'],
  ['gpt_oss', 'gpt-oss'],
  ['gpt_neox', 'gptneox'],
  ['falcon_mamba', 'mamba'],
  ['falcon_h1', 'falcon-h1'],
  ['cohere', 'command-r'],
  ['phi', 'phi2'],
  ['phi3small', 'phi3'],
  ['glm', 'chatglm'],
  ['glm4_moe', 'glm4moe'],
  ['qwen3_5', 'qwen35'],
  ['qwen3_5_moe', 'qwen35moe'],
  ['granitemoehybrid', 'granitehybrid'],
  ['bamba', 'granitehybrid'],
  ['nemotron_h', 'nemotron_h'],
  ['lfm2_moe', 'lfm2moe'],
  ['minimax', 'minimax-01'],
  ['minimax_m2', 'minimax-m2'],
  ['kimi_linear', 'kimi-linear'],
  ['exaone_moe', 'exaone-moe'],
  ['ernie4_5_moe', 'ernie4_5-moe'],
  ['hunyuan_v1_moe', 'hunyuan-moe'],
  ['hunyuan_v1_dense', 'hunyuan-dense'],
  ['modernbert', 'modern-bert'],
  ['nomic_bert', 'nomic-bert'],
  ['gemma3n_text', 'gemma3n'],
  ['olmo3', 'olmo2'],
  ['mimo_v2', 'mimo2'],
  ['mimo_v2_flash', 'mimo2'],
  ['step3p5', 'step35'],
  ['exaone4_5', 'exaone4'],
  ['qwen2_5_vl', 'qwen2vl'],
  ['gpt_bigcode', 'starcoder'],
  ['kimi_k3', 'kimi-k3'],
  ['bailing_moe_v3', 'bailingmoe3'],
  ['minimax_m1', 'minimax-01'],
  ['minimax_text_01', 'minimax-01'],
  ['granitemoeshared', 'granitemoe'],
]);

/** "gemma3_text" → "gemma3", "qwen3_moe" → "qwen3moe", "mistral" → "llama". A name nobody knows stays what it is. */
export function architectureOf(modelType: string): string {
  const name = modelType.replace(/_text$/, '');
  const renamed = RENAMED.get(name);
  if (renamed !== undefined || KNOWN.has(name)) return renamed ?? name;
  const joined = name.replaceAll('_', '');
  return KNOWN.has(joined) ? joined : name;
}
