#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/reader.h"

namespace wattledger {

struct PollerOptions {
  int64_t interval_ns = 1'000'000'000;
  size_t capacity = 600;  // sweeps kept while nobody drains
};

struct PollerState {
  enum class Phase { kIdle, kOpening, kOpen, kFailed, kStopped };
  Phase phase = Phase::kIdle;
  Error error;                    // when kFailed
  int64_t in_flight_since_ns = 0;  // start of the Open() or Read() under way, 0 when none is
  uint64_t sweeps = 0;
  uint64_t missed = 0;   // deadlines that passed while a read was under way
  uint64_t dropped = 0;  // sweeps that gave way in the full queue
  bool outdated = false;  // Reader::Outdated() after the last sweep
};

// Runs a Reader on a thread of its own: opens it, then reads at absolute deadlines (start + k * interval on
// CLOCK_MONOTONIC) into a queue. A read that outlasts its deadline makes the next ones be missed, never run twice at once.
// The methods are for one other thread. `notify` is called on the reader's thread after Open(), and after each sweep
// that ReadNow() asked for or that its reader calls urgent; it must not block.
class Poller {
 public:
  Poller(std::unique_ptr<Reader> reader, PollerOptions options, std::function<void()> notify);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void Start();
  PollerState state() const;
  // What Open() found; empty until phase kOpen.
  std::vector<ChannelInfo> channels() const;
  // All sweeps since the last call, flat and oldest first.
  std::vector<Reading> Drain();
  // Asks for one sweep out of turn.
  void ReadNow();
  // Asks the thread to end and waits for that, at most `timeout_ns`. A thread stuck in the kernel is left behind; it
  // owns all it touches and never calls `notify` again. Returns whether it ended. Idempotent.
  bool Stop(int64_t timeout_ns);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace wattledger
