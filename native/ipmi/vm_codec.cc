#include "ipmi/vm_codec.h"

#include <numeric>

namespace wattledger::ipmi {
namespace {

constexpr uint8_t kEndOfMessage = 0xa0;
constexpr uint8_t kEndOfControl = 0xa1;
constexpr uint8_t kEscape = 0xaa;
constexpr uint8_t kEscapeBit = 0x10;
constexpr uint8_t kVersionCommand = 0xff;
constexpr uint8_t kVersion = 0x01;

constexpr size_t kOverhead = 4;               // sequence number, netfn and lun, command, checksum
constexpr size_t kLongest = kOverhead + 272;  // IPMI_MAX_MSG_LENGTH of <linux/ipmi_msgdefs.h>

bool IsMark(uint8_t byte) { return byte == kEndOfMessage || byte == kEndOfControl || byte == kEscape; }

uint8_t SumOf(const Bytes& bytes) { return std::accumulate(bytes.begin(), bytes.end(), uint8_t{0}); }

}  // namespace

Bytes EncodeVm(const VmMessage& message) {
  Bytes plain{message.seq, static_cast<uint8_t>(message.netfn << 2 | message.lun), message.cmd};
  plain.insert(plain.end(), message.data.begin(), message.data.end());
  plain.push_back(static_cast<uint8_t>(-SumOf(plain)));
  Bytes wire;
  for (const uint8_t byte : plain) {
    if (IsMark(byte)) wire.push_back(kEscape);
    wire.push_back(IsMark(byte) ? byte | kEscapeBit : byte);
  }
  wire.push_back(kEndOfMessage);
  return wire;
}

Bytes VmGreeting() { return {kVersionCommand, kVersion, kEndOfControl}; }

std::optional<VmMessage> VmDecoder::Feed(uint8_t byte) {
  if (byte == kEndOfMessage || byte == kEndOfControl) {
    auto message = byte == kEndOfMessage && !escaped_ && !broken_ ? Finish() : std::nullopt;
    frame_.clear();
    escaped_ = broken_ = false;
    return message;
  }
  if (byte == kEscape) {
    broken_ = broken_ || escaped_;
    escaped_ = true;
    return std::nullopt;
  }
  if (escaped_) {
    byte &= static_cast<uint8_t>(~kEscapeBit);
    broken_ = broken_ || !IsMark(byte);
    escaped_ = false;
  }
  if (frame_.size() == kLongest) broken_ = true;
  if (!broken_) frame_.push_back(byte);
  return std::nullopt;
}

std::optional<VmMessage> VmDecoder::Finish() {
  if (frame_.size() < kOverhead || SumOf(frame_) != 0) return std::nullopt;
  return VmMessage{frame_[0], static_cast<uint8_t>(frame_[1] >> 2), static_cast<uint8_t>(frame_[1] & 3),
                   frame_[2], Bytes(frame_.begin() + 3, frame_.end() - 1)};
}

}  // namespace wattledger::ipmi
