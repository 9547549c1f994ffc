#pragma once

#include <optional>

#include "ipmi/message.h"

namespace wattledger::ipmi {

// OpenIPMI's "VM" serial codec, which BMC simulators and QEMU's ipmi-bmc-extern speak over TCP (OpenIPMI
// lanserv/README.vm): sequence number, netfn << 2 | lun, command, data, a checksum that makes the sum 0, then
// 0xa0. A frame that ends with 0xa1 is a control message. 0xa0, 0xa1 and 0xaa inside a frame are sent as
// 0xaa, byte | 0x10.

struct VmMessage {
  uint8_t seq = 0;
  uint8_t netfn = 0;
  uint8_t lun = 0;
  uint8_t cmd = 0;
  Bytes data;
};

Bytes EncodeVm(const VmMessage& message);

// The control message by which a client begins: protocol version 1. Without a capabilities message the BMC
// takes the client for one that it can neither reset nor switch off.
Bytes VmGreeting();

// Takes a stream of bytes apart. Frames that are too long, too short, cut inside an escape or of a wrong sum
// are dropped, and so are control messages; the next end mark begins anew.
class VmDecoder {
 public:
  // The message that `byte` completes.
  std::optional<VmMessage> Feed(uint8_t byte);

 private:
  std::optional<VmMessage> Finish();

  Bytes frame_;
  bool escaped_ = false;
  bool broken_ = false;
};

}  // namespace wattledger::ipmi
