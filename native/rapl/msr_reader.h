#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/reader.h"
#include "core/unique_fd.h"

namespace wattledger {

// A model-specific register of one CPU (`path` is its /dev/cpu/N/msr), and the one that holds its unit.
struct MsrRegister {
  std::string path;
  uint32_t register_number = 0;
  uint32_t unit_register = 0;
};

// Reads 64-bit registers through the msr device (arch/x86/kernel/msr.c: the file offset is the register's
// number). Open() leaves out a register that the processor refuses (EIO) or whose low 32 bits are 0, as the
// powercap driver does (rapl_check_domain): a domain that nobody counts. Attributes: `index` among the given
// registers, and `unit`, the raw unit register, missing when it could not be read. A device that is refused
// at first is tried again at each sweep. Error details are errno values.
class MsrReader : public Reader {
 public:
  explicit MsrReader(std::vector<MsrRegister> registers);

  // Fails when no device can be opened, or no register counts.
  Result<std::vector<ChannelInfo>> Open(const StopSignal& stop) override;
  void Read(std::span<Reading> readings, const StopSignal& stop) override;
  void Close() noexcept override;

 private:
  struct Channel {
    MsrRegister place;
    UniqueFd fd;
  };

  static int ReadChannel(Channel& channel, Reading& reading);

  std::vector<MsrRegister> registers_;
  std::vector<Channel> channels_;
};

}  // namespace wattledger
