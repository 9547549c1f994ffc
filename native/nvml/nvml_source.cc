#include "nvml/nvml_source.h"

#include <array>

#include "nvml/field_value.h"
#include "nvml/nvml_code.h"

namespace wattledger {
namespace {

constexpr struct {
  NvmlSource source;
  std::string_view name;
} kNames[] = {
    {NvmlSource::kEnergy, "energy"},
    {NvmlSource::kInstant, "instant"},
    {NvmlSource::kAverage, "average"},
    {NvmlSource::kModuleInstant, "module-instant"},
    {NvmlSource::kModuleAverage, "module-average"},
    {NvmlSource::kUsage, "usage"},
    {NvmlSource::kUtilization, "utilization"},
    {NvmlSource::kPresence, "presence"},
};

template <typename T>
Result<uint64_t> Checked(int nvml_return, T value) {
  if (nvml_return != kNvmlSuccess) return Error{CodeOfNvml(nvml_return), nvml_return, {}};
  return uint64_t{value};
}

Result<uint64_t> ReadField(const NvmlLibrary& library, NvmlDevice device, unsigned field_id,
                           unsigned scope_id) {
  NvmlFieldValue field = FieldQuestion(field_id, scope_id);
  const int nvml_return = library.field_values(device, 1, &field);
  if (nvml_return != kNvmlSuccess) return Error{CodeOfNvml(nvml_return), nvml_return, {}};
  return ParseFieldValue(field, field_id, scope_id);
}

}  // namespace

std::optional<NvmlSource> NvmlSourceOf(std::string_view name) {
  for (const auto& known : kNames) {
    if (known.name == name) return known.source;
  }
  return std::nullopt;
}

std::string_view NameOf(NvmlSource source) {
  for (const auto& known : kNames) {
    if (known.source == source) return known.name;
  }
  return {};
}

Result<uint64_t> ReadSource(const NvmlLibrary& library, NvmlDevice device, NvmlSource source) {
  switch (source) {
    case NvmlSource::kEnergy: {
      unsigned long long energy_mj = 0;
      const int nvml_return = library.energy_mj(device, &energy_mj);
      return Checked(nvml_return, energy_mj);
    }
    case NvmlSource::kUsage: {
      unsigned power_mw = 0;
      const int nvml_return = library.power_mw(device, &power_mw);
      return Checked(nvml_return, power_mw);
    }
    case NvmlSource::kUtilization: {
      NvmlUtilization busy{};
      const int nvml_return = library.utilization(device, &busy);
      return Checked(nvml_return, busy.gpu);
    }
    case NvmlSource::kPresence: {
      std::array<char, 97> uuid{};
      return Checked(library.uuid(device, uuid.data(), uuid.size() - 1), 0u);
    }
    case NvmlSource::kInstant:
      return ReadField(library, device, kNvmlFieldPowerInstant, kNvmlScopeGpu);
    case NvmlSource::kAverage:
      return ReadField(library, device, kNvmlFieldPowerAverage, kNvmlScopeGpu);
    case NvmlSource::kModuleInstant:
      return ReadField(library, device, kNvmlFieldPowerInstant, kNvmlScopeModule);
    case NvmlSource::kModuleAverage:
      return ReadField(library, device, kNvmlFieldPowerAverage, kNvmlScopeModule);
  }
  return Error{Code::kAbsent, kNvmlNotSupported, {}};
}

}  // namespace wattledger
