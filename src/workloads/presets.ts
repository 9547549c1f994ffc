import type { WorkloadUnit } from '../model/workload.ts'

/** Servers whose counters are known by name. */
export const PRESETS = ['vllm', 'sglang', 'tgi', 'triton', 'llama.cpp'] as const

export type Preset = (typeof PRESETS)[number]

/** Names of the counters of each unit, as versions of a server have called them: the first that an answer has counts. */
export type CounterNames = Readonly<Partial<Record<WorkloadUnit, readonly string[]>>>

export const PRESET_COUNTERS: Readonly<Record<Preset, CounterNames>> = {
  // vllm/engine/metrics.py (0.6 to 0.10) and vllm/v1/metrics/loggers.py (since 0.8) name them alike.
  vllm: {
    request: ['vllm:request_success_total'],
    prompt_token: ['vllm:prompt_tokens_total'],
    output_token: ['vllm:generation_tokens_total'],
  },
  // sglang/srt/metrics/collector.py, since 0.4.
  sglang: {
    request: ['sglang:num_requests_total'],
    prompt_token: ['sglang:prompt_tokens_total'],
    output_token: ['sglang:generation_tokens_total'],
  },
  // router/src/server.rs and validation.rs, 1.0 to 3.x: tokens are sums of histograms. Some builds add the suffix.
  tgi: {
    request: ['tgi_request_success', 'tgi_request_success_total'],
    prompt_token: ['tgi_request_input_length_sum'],
    output_token: ['tgi_request_generated_tokens_sum'],
  },
  // Its own metrics count requests; its vLLM backend adds that server's.
  triton: {
    request: ['nv_inference_request_success'],
    prompt_token: ['vllm:prompt_tokens_total'],
    output_token: ['vllm:generation_tokens_total'],
  },
  // tools/server with --metrics. It counts no requests.
  'llama.cpp': {
    prompt_token: ['llamacpp:prompt_tokens_total'],
    output_token: ['llamacpp:tokens_predicted_total'],
  },
}
