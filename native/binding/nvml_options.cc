#include "binding/nvml_options.h"

#include "nvml/nvml_reader.h"

namespace wattledger {

std::unique_ptr<Reader> MakeNvml(const Arguments& options) {
  NvmlOptions nvml;
  nvml.library_path = options.String("library");
  nvml.recover_after_ns = options.Int64("recoverAfterNs");
  for (const auto& name : options.Strings("sources")) {
    const auto source = NvmlSourceOf(name);
    if (!source) options.Reject("sources", "names of sources");
    nvml.preference.push_back(*source);
  }
  return std::make_unique<NvmlReader>(std::move(nvml));
}

}  // namespace wattledger
