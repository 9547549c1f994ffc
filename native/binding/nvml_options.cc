#include "binding/nvml_options.h"

#include "nvml/nvml_reader.h"

namespace wattledger {

std::unique_ptr<Reader> MakeNvml(const Arguments& options) {
  NvmlOptions nvml;
  nvml.library_path = options.String("library");
  nvml.recover_after_ns = options.Int64("recoverAfterNs");
  const auto source_of = [](const Arguments& from, const char* key, const std::string& name) {
    const auto source = NvmlSourceOf(name);
    if (!source) from.Reject(key, "a name of a source");
    return *source;
  };
  for (const auto& name : options.Strings("sources"))
    nvml.preference.push_back(source_of(options, "sources", name));
  for (const Arguments& gpu : options.Objects("known"))
    nvml.known.push_back({gpu.String("uuid"), source_of(gpu, "source", gpu.String("source"))});
  return std::make_unique<NvmlReader>(std::move(nvml));
}

}  // namespace wattledger
