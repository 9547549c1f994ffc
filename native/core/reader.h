#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/stop_signal.h"

namespace wattledger {

// One raw value and the CLOCK_MONOTONIC times right before and after it was read. `value` means something only when
// `code` is kOk; a failure is never a zero.
struct Reading {
  uint64_t value = 0;
  int64_t before_ns = 0;
  int64_t after_ns = 0;
  Code code = Code::kClosed;
  int detail = 0;  // as Error::detail

  // For what errno says; 0 is a text that is no number.
  void Fail(int error_number) {
    code = error_number == 0 ? Code::kCorrupt : CodeOfErrno(error_number);
    detail = error_number;
  }
};

// What Open() found: an identity for people and raw facts. Their meaning is decided in TypeScript.
struct ChannelInfo {
  std::string id;
  std::map<std::string, std::string> attributes;
};

// Reads the channels of one interface. Every method runs on the same thread, that of the Poller, and may block there;
// a wait longer than a few milliseconds must also watch `stop`. Open() is called once, Close() also after a failed
// Open() and repeatedly. Read() fills one Reading per channel, in the order of Open(): one channel's failure never
// costs another. No method throws for anything that hardware or input can do.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) = 0;
  virtual void Read(std::span<Reading> readings, const StopSignal& stop) = 0;
  // True once the reader noticed that Open() would now find other channels. For readers whose interface is too slow or
  // too narrow to be looked through a second time beside them. Asked after each Read().
  virtual bool Outdated() const { return false; }
  // True when what the last Read() saw does not wait until somebody drains in his time. Asked after each Read().
  virtual bool IsUrgent() const { return false; }
  // Readable when something happened between two Read() calls that does not wait for the next, which Attend() then takes
  // in; -1 for none. Asked for once the reader is open.
  virtual int attention_fd() const { return -1; }
  virtual void Attend(const StopSignal&) {}
  virtual void Close() noexcept = 0;
};

}  // namespace wattledger
