#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "core/runtime_status.h"

namespace wattledger {

// When a GPU that may sleep is asked. Every question wakes one that sleeps, and keeps one awake that would fall asleep. So one
// that nobody uses is asked once in `idle_ns`; as often as the others for as long as it is used and some seconds longer, and
// at once when somebody else woke it.
class NvmlRest {
 public:
  // `power` is the folder of that name in the device's own.
  NvmlRest(const std::string& power, int64_t idle_ns) : status_(power + "/runtime_status"), idle_ns_(idle_ns) {}

  // False for a device that the kernel keeps awake.
  static bool MaySleep(const std::string& power) {
    std::string text;
    return std::getline(std::ifstream(power + "/control"), text) && text == "auto";
  }

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
