#include <gtest/gtest.h>

#include "ipmi/failure.h"
#include "ipmi/repository.h"
#include "ipmi/responses.h"
#include "ipmi/vendor_energy.h"

namespace wattledger::ipmi {
namespace {

// Captured from OpenIPMI's ipmi_sim with a DCMI module; freeipmi and ipmitool read the same figures.
const Bytes kPower{0x00, 0xdc, 0x41, 0x01, 0x0f, 0x01, 0xa5, 0x01, 0x3c, 0x01,
                   0x00, 0x00, 0x00, 0x00, 0xe8, 0x03, 0x00, 0x00, 0x40};

Bytes With(Bytes bytes, size_t at, uint8_t value) {
  bytes[at] = value;
  return bytes;
}

// A response cut anywhere, or with any other completion code, is never a value.
template <typename Parse>
void ExpectStrict(const Bytes& sound, Parse parse) {
  ASSERT_TRUE(parse(sound).ok());
  for (size_t length = 0; length < sound.size(); ++length) {
    EXPECT_FALSE(parse(Bytes(sound.begin(), sound.begin() + length)).ok()) << length;
  }
  for (int code = 1; code < 256; ++code) {
    const auto refused = parse(With(sound, 0, static_cast<uint8_t>(code)));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().detail, code);
  }
}

TEST(PowerReading, IsCurrentWattsWithTheirExtremesAndState) {
  const auto power = ParsePowerReading(kPower);
  ASSERT_TRUE(power.ok());
  EXPECT_EQ(power.value().current_w, 321);
  EXPECT_EQ(power.value().least_w, 271);
  EXPECT_EQ(power.value().most_w, 421);
  EXPECT_EQ(power.value().state, 0x40);
  ExpectStrict(kPower, ParsePowerReading);
  EXPECT_EQ(ParsePowerReading(With(kPower, 1, 0xdd)).error().code, Code::kCorrupt);
}

TEST(PowerReading, DoesNotJudgeInactiveZeroOrSaturated) {
  EXPECT_EQ(ParsePowerReading(With(kPower, 18, 0)).value().current_w, 321);
  EXPECT_EQ(ParsePowerReading(With(With(kPower, 2, 0), 3, 0)).value().current_w, 0);
  EXPECT_EQ(ParsePowerReading(With(With(kPower, 2, 0xff), 3, 0xff)).value().current_w, 65535);
}

TEST(SensorStates, AreTheByteBehindTheFlags) {
  const Bytes sound{0x00, 0x00, 0xc0, 0x09};
  EXPECT_EQ(ParseSensorStates(sound).value(), 0x09);
  EXPECT_EQ(ParseSensorStates(Bytes{0x00, 0x00, 0xc0, 0x01, 0x80}).value(), 0x01);
  EXPECT_EQ(ParseSensorStates(With(sound, 2, 0xe0)).error().detail, kReadingUnavailable);
  EXPECT_EQ(ParseSensorStates(With(sound, 2, 0x80)).error().detail, kScanningDisabled);
  ExpectStrict(sound, ParseSensorStates);
}

TEST(DeviceId, IsManufacturerOf20Bits) {
  const Bytes response{0x00, 0x20, 0x81, 0x85, 0x61, 0x02, 0xdf, 0xa2, 0x02, 0xf0, 0x00, 0x01};
  const auto device = ParseDeviceId(response);
  ASSERT_TRUE(device.ok());
  EXPECT_EQ(device.value().manufacturer, 674u);
  EXPECT_EQ(device.value().product, 0x0100);
  EXPECT_EQ(device.value().firmware_major, 5);
  EXPECT_TRUE(device.value().updating);
  EXPECT_EQ(device.value().Identity(), "674:256");
  ExpectStrict(response, ParseDeviceId);
}

TEST(SensorReading, WantsAvailableAndScanning) {
  const Bytes sound{0x00, 0x23, 0xc0, 0xc0};
  EXPECT_EQ(ParseSensorReading(sound).value(), 0x23);
  EXPECT_EQ(ParseSensorReading(With(sound, 2, 0xe0)).error().detail, kReadingUnavailable);
  EXPECT_EQ(ParseSensorReading(With(sound, 2, 0x80)).error().detail, kScanningDisabled);
  EXPECT_EQ(ParseSensorReading(With(sound, 0, 0xcb)).error().code, Code::kAbsent);
  EXPECT_EQ(ParseSensorReading(Bytes{0x00, 0x23}).error().code, Code::kCorrupt);
}

TEST(CompletionCode, PassesByItselfOrNot) {
  for (const int code : {0xc0, 0xc5, 0xd1, 0xd2, 0xd3, 0xff}) {
    EXPECT_EQ(CodeOfCompletion(static_cast<uint8_t>(code)), Code::kTransient) << code;
  }
  EXPECT_EQ(CodeOfCompletion(0xc1), Code::kAbsent);
  EXPECT_EQ(CodeOfCompletion(0x6f), Code::kAbsent);  // Dell: no licence
  EXPECT_EQ(CodeOfCompletion(0xc3), Code::kTimeout);
  EXPECT_EQ(CodeOfCompletion(0xd4), Code::kPermission);
}

TEST(DellEnergy, IsWattHours) {
  Bytes response(25, 0);
  response[5] = 0x87;
  response[6] = 0xd6;
  response[7] = 0x12;
  EXPECT_EQ(ParseDellEnergyWh(response).value(), 1234567u);
  ExpectStrict(response, ParseDellEnergyWh);
}

TEST(LenovoNodeEnergy, IsJoulesAndMillijoules) {
  Bytes response(15, 0);
  response[3] = 0xff;
  response[4] = response[5] = response[6] = 0xff;
  response[7] = 0xe7;
  response[8] = 0x03;
  EXPECT_EQ(ParseLenovoNodeEnergyMj(response).value(), 4294967295999u);
  ExpectStrict(response, ParseLenovoNodeEnergyMj);
  EXPECT_EQ(ParseLenovoNodeEnergyMj(With(response, 7, 0xe8)).error().code, Code::kCorrupt);
  EXPECT_EQ(ParseLenovoNodeEnergyMj(Bytes(39, 0)).error().code, Code::kAbsent);
}

TEST(LenovoMeter, HasAHandleAndABigEndianCounter) {
  const Bytes handle{0x00, 0x66, 0x4a, 0x00, 0x00, 0x02, 0x06, 0x20};
  EXPECT_EQ(ParseLenovoMeterHandle(handle).value(), 0x20);
  ExpectStrict(handle, ParseLenovoMeterHandle);
  EXPECT_FALSE(ParseLenovoMeterHandle(With(handle, 6, 0x07)).ok());
  EXPECT_FALSE(ParseLenovoMeterHandle(With(handle, 1, 0x57)).ok());

  const Bytes energy{0x00, 0x66, 0x4a, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};
  EXPECT_EQ(ParseLenovoMeterEnergyMj(energy).value(), 0x0102030405060708u);
  ExpectStrict(energy, ParseLenovoMeterEnergyMj);
  EXPECT_FALSE(ParseLenovoMeterEnergyMj(With(energy, 2, 0x4b)).ok());
}

TEST(RepositoryInfo, KeepsWhatDiffersWithTheRecords) {
  const Bytes main{0x00, 0x51, 0x1e, 0x00, 0xff, 0xff, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0x02};
  EXPECT_EQ(ParseMainInfo(main).value().count, 30);
  EXPECT_EQ(ParseMainInfo(main).value().stamp, "1e001020304050607080");
  ExpectStrict(main, ParseMainInfo);
  const Bytes dynamic{0x00, 0x05, 0x81, 0x0a, 0x0b, 0x0c, 0x0d};
  EXPECT_EQ(ParseDeviceInfo(dynamic).value().stamp, "05810a0b0c0d");
  ExpectStrict(dynamic, ParseDeviceInfo);
  ExpectStrict(Bytes{0x00, 0x05, 0x01}, ParseDeviceInfo);
}

TEST(SdrFragment, IsNoLongerThanAsked) {
  const Bytes response{0x00, 0x34, 0x12, 0xaa, 0xbb};
  EXPECT_EQ(ParseSdrFragment(response, 2).value().next_id, 0x1234);
  EXPECT_EQ(ParseSdrFragment(response, 2).value().data.size(), 2u);
  EXPECT_EQ(ParseSdrFragment(response, 1).error().code, Code::kCorrupt);
  EXPECT_FALSE(ParseSdrFragment(Bytes{0x00, 0x34, 0x12}, 2).ok());
}

}  // namespace
}  // namespace wattledger::ipmi
