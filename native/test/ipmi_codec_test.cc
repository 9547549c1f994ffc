#include <gtest/gtest.h>

#include "ipmi/vm_codec.h"

namespace wattledger::ipmi {
namespace {

std::vector<VmMessage> Decode(const Bytes& wire) {
  VmDecoder decoder;
  std::vector<VmMessage> messages;
  for (const uint8_t byte : wire) {
    if (auto message = decoder.Feed(byte)) messages.push_back(*message);
  }
  return messages;
}

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

const VmMessage kAnswer{7, 0x07, 0, 0x01, {0x00, 0x42}};

TEST(VmCodec, EncodesGetDeviceIdAsCaptured) {
  // Sum 01 + 18 + 01 = 1a, its complement e6.
  EXPECT_EQ(EncodeVm({0x01, 0x06, 0, 0x01, {}}), (Bytes{0x01, 0x18, 0x01, 0xe6, 0xa0}));
}

TEST(VmCodec, EscapesMarksEverywhere) {
  const VmMessage message{0xa0, 0x2c, 1, 0xa1, {0xaa, 0xa0, 0xa1, 0x10}};
  const Bytes wire = EncodeVm(message);
  EXPECT_EQ(std::count(wire.begin(), wire.end() - 1, 0xa0), 0);
  EXPECT_EQ(std::count(wire.begin(), wire.end(), 0xa1), 0);
  const auto decoded = Decode(wire);
  ASSERT_EQ(decoded.size(), 1u);
  EXPECT_EQ(decoded[0].seq, 0xa0);
  EXPECT_EQ(decoded[0].lun, 1);
  EXPECT_EQ(decoded[0].cmd, 0xa1);
  EXPECT_EQ(decoded[0].data, message.data);
}

TEST(VmCodec, DecodesEveryByteInEveryPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    const auto value = static_cast<uint8_t>(byte);
    const auto decoded = Decode(EncodeVm({value, 0x07, 0, value, {value, value}}));
    ASSERT_EQ(decoded.size(), 1u) << byte;
    EXPECT_EQ(decoded[0].data, (Bytes{value, value}));
  }
}

TEST(VmCodec, DropsWhatIsNoFrameAndGoesOn) {
  const Bytes sound = EncodeVm(kAnswer);
  Bytes wrong_sum = sound;
  wrong_sum[3] ^= 1;
  const Bytes overlong = Bytes(1000, 0x00) + Bytes{0xa0};
  for (const Bytes& garbage :
       {wrong_sum, overlong, Bytes{0xa0}, Bytes{0x01, 0x02, 0xfd, 0xa0}, Bytes{0x01, 0xaa, 0xa0},
        Bytes{0x00, 0x00, 0x00, 0xaa, 0x00, 0xa0}, Bytes{0xaa, 0xaa, 0xb0, 0xa0}, VmGreeting()}) {
    const auto decoded = Decode(garbage + sound);
    ASSERT_EQ(decoded.size(), 1u);
    EXPECT_EQ(decoded[0].data, kAnswer.data);
  }
}

TEST(VmCodec, IgnoresASoundFrameThatEndsAsControl) {
  Bytes control = EncodeVm(kAnswer);
  control.back() = 0xa1;
  EXPECT_TRUE(Decode(control).empty());
}

}  // namespace
}  // namespace wattledger::ipmi
