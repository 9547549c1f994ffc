#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "core/runtime_status.h"

namespace wattledger {

struct NvmlRestOptions {
  std::string devices = {};  // folder of the PCI devices in sysfs; empty for GPUs that never sleep
  std::string driver = {};   // folder of the GPUs in the driver's part of procfs
  int64_t idle_ns = 0;
};

// When a GPU that may sleep is asked. Every question wakes one that sleeps, and keeps one awake that would fall asleep. So one
// that nobody uses is asked once in `idle_ns`; as often as the others for as long as it is used and some seconds longer, and
// at once when somebody else woke it.
class NvmlRest {
 public:
  // Null for a GPU that never sleeps: the kernel keeps it awake, or the driver says that it does not let it sleep (its
  // README, PCI-Express Runtime D3 Power Management).
  static std::shared_ptr<NvmlRest> Of(const NvmlRestOptions& options, const std::string& pci_address) {
    if (options.devices.empty() || pci_address.empty()) return nullptr;
    const std::string power = options.devices + "/" + pci_address + "/power";
    if (!HasLine(power + "/control", "auto", "")) return nullptr;
    if (!HasLine(options.driver + "/" + pci_address + "/power", "Runtime D3 status:", "Enabled")) return nullptr;
    return std::make_shared<NvmlRest>(power + "/runtime_status", options.idle_ns);
  }

  NvmlRest(std::string runtime_status, int64_t idle_ns) : status_(std::move(runtime_status)), idle_ns_(idle_ns) {}

  // Whether it is to be asked now.
  bool IsDue(int64_t now_ns) {
    const bool sleeps = status_.IsSuspended();
    if (slept_ && !sleeps) used_ns_ = now_ns;
    slept_ = sleeps;
    return now_ns >= asked_ns_ + (now_ns - used_ns_ < kUsedNs ? 0 : idle_ns_);
  }

  // It is about to be asked, for whatever that costs it.
  void Ask(int64_t now_ns) {
    if (slept_) ++wakes_;
    slept_ = false;
    asked_ns_ = now_ns;
  }
  void Used(int64_t now_ns) { used_ns_ = now_ns; }

  // How often it was asked while it slept.
  uint64_t wakes() const { return wakes_; }

 private:
  static bool HasLine(const std::string& path, const char* beginning, const char* word) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with(beginning) && line.find(word) != std::string::npos) return true;
    }
    return false;
  }

  static constexpr int64_t kUsedNs = 10'000'000'000;
  static constexpr int64_t kNever = INT64_MIN / 2;

  RuntimeStatus status_;
  const int64_t idle_ns_;
  int64_t asked_ns_ = kNever;
  int64_t used_ns_ = kNever;
  bool slept_ = false;
  uint64_t wakes_ = 0;
};

}  // namespace wattledger
