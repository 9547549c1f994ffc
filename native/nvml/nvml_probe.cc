#include "nvml/nvml_probe.h"

#include <array>
#include <cstdio>
#include <utility>

#include "nvml/nvml_code.h"

namespace wattledger {
namespace {

class Attributes {
 public:
  explicit Attributes(std::map<std::string, std::string>& to) : to_(to) {}

  // `ask` fills the buffer that it is given and returns an nvmlReturn_t.
  template <typename Ask>
  void Text(const char* key, Ask ask) {
    std::array<char, 97> text{};
    if (ask(text.data(), static_cast<unsigned>(text.size() - 1)) == kNvmlSuccess) to_[key] = text.data();
  }

  template <typename Ask>
  void Number(const char* key, Ask ask) {
    unsigned number = 0;
    if (ask(&number) == kNvmlSuccess) to_[key] = std::to_string(number);
  }

 private:
  std::map<std::string, std::string>& to_;
};

std::string Answer(const Result<uint64_t>& result) {
  if (result.ok()) return "0";
  return result.error().code == Code::kCorrupt ? "corrupt" : std::to_string(result.error().detail);
}

bool IsUsable(const Result<uint64_t>& result) {
  return result.ok() || (result.error().code != Code::kCorrupt && !IsRefused(result.error().detail));
}

}  // namespace

std::string PciAddress(const NvmlLibrary& library, NvmlDevice device) {
  NvmlPciInfo pci{};
  if (library.pci_info(device, &pci) != kNvmlSuccess) return {};
  std::array<char, 32> text{};
  // NVML writes the domain with eight digits, sysfs with four or as many as it needs (drivers/pci/probe.c).
  snprintf(text.data(), text.size(), "%04x:%02x:%02x.0", pci.domain, pci.bus, pci.device);
  return text.data();
}

NvmlProbe ProbeGpu(const NvmlLibrary& library, NvmlDevice device, std::span<const NvmlSource> preference) {
  NvmlProbe probe;
  Attributes attributes(probe.attributes);
  attributes.Text("name", [&](char* text, unsigned size) { return library.name(device, text, size); });
  attributes.Text("serial", [&](char* text, unsigned size) { return library.serial(device, text, size); });
  if (auto address = PciAddress(library, device); !address.empty()) {
    probe.attributes["pciAddress"] = std::move(address);
  }
  attributes.Text("driver", [&](char* text, unsigned size) { return library.driver_version(text, size); });
  attributes.Number("architecture", [&](unsigned* number) { return library.architecture(device, number); });
  attributes.Number("powerLimitMw", [&](unsigned* number) { return library.power_limit_mw(device, number); });
  attributes.Number("maxPowerLimitMw", [&](unsigned* number) {
    unsigned least = 0;
    return library.power_limits_mw(device, &least, number);
  });
  attributes.Number("mig", [&](unsigned* number) {
    unsigned pending = 0;
    return library.mig_mode(device, number, &pending);
  });
  attributes.Number("c2c", [&](unsigned* number) {
    NvmlC2cModeInfo mode{};
    const int nvml_return = library.c2c_mode(device, &mode);
    *number = mode.is_enabled;
    return nvml_return;
  });
  for (const NvmlSource source : preference) {
    const auto result = ReadSource(library, device, source);
    probe.attributes["answer." + std::string(NameOf(source))] = Answer(result);
    if (!probe.source && IsUsable(result)) probe.source = source;
  }
  return probe;
}

}  // namespace wattledger
