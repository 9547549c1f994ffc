#include "binding/nvml_options.h"

#include "nvml/nvml_reader.h"

namespace wattledger {

NvmlRestOptions NvmlRestOf(const Arguments& options) {
  return {options.String("devices"), options.String("driver"), options.Int64("idleNs")};
}

std::unique_ptr<Reader> MakeNvml(const Arguments& options) {
  NvmlOptions nvml;
  nvml.library_path = options.String("library");
  nvml.recover_after_ns = options.Int64("recoverAfterNs");
  const auto source_of = [](const Arguments& from, const char* key, const std::string& name) {
    const auto source = NvmlSourceOf(name);
    if (!source) from.Reject(key, "a name of a source");
    return *source;
  };
  const auto sources_of = [&](const Arguments& from, const char* key) {
    std::vector<NvmlSource> sources;
    for (const auto& name : from.Strings(key)) sources.push_back(source_of(from, key, name));
    return sources;
  };
  nvml.preference = sources_of(options, "sources");
  for (const Arguments& gpu : options.Objects("known")) {
    nvml.known.push_back({gpu.String("uuid"), source_of(gpu, "source", gpu.String("source")),
                          sources_of(gpu, "witnesses")});
  }
  nvml.witnesses = {sources_of(options, "witnesses"), sources_of(options, "moduleWitnesses")};
  nvml.distrusted = options.Strings("distrusted");
  nvml.rest = NvmlRestOf(options);
  return std::make_unique<NvmlReader>(std::move(nvml));
}

}  // namespace wattledger
