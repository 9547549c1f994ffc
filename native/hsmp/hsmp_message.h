#pragma once

#include <cstddef>
#include <cstdint>

namespace wattledger {

// struct hsmp_message of asm/amd_hsmp.h, which older kernels' headers lack.
#pragma pack(push, 4)
struct HsmpMessage {
  uint32_t id;
  uint16_t argument_count;
  uint16_t response_count;  // as the kernel's table of messages has it, else EINVAL
  uint32_t arguments[8];    // words in, then words out
  uint16_t socket;
};
#pragma pack(pop)
static_assert(sizeof(HsmpMessage) == 44);
static_assert(alignof(HsmpMessage) == 4);
static_assert(offsetof(HsmpMessage, id) == 0);
static_assert(offsetof(HsmpMessage, argument_count) == 4);
static_assert(offsetof(HsmpMessage, response_count) == 6);
static_assert(offsetof(HsmpMessage, arguments) == 8);
static_assert(offsetof(HsmpMessage, socket) == 40);

// _IOWR(0xF8, 0, struct hsmp_message)
constexpr unsigned long kHsmpIoctl = 0xC02CF800;

// Messages that read and have no argument. There is none here that sets anything.
enum class HsmpQuestion : uint32_t {
  kProtocol = 0x03,
  kSocketPower = 0x04,       // mW
  kSocketPowerMost = 0x07,   // mW, the greatest limit that can be set
  kEnergyUnit = 0x30,        // bits 12 to 8: 2^-n J
  kPackageEnergy = 0x32,     // 64 bits, low word first
};

constexpr HsmpMessage HsmpMessageOf(HsmpQuestion question, uint16_t socket) {
  const uint16_t words = question == HsmpQuestion::kPackageEnergy ? 2 : 1;
  return {static_cast<uint32_t>(question), 0, words, {}, socket};
}

}  // namespace wattledger
