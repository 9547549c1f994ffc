#include "ipmi/ipmi_reader.h"

#include <gtest/gtest.h>

#include <thread>

#include "ipmi/scan_reader.h"
#include "ipmi_fake_bmc.h"

namespace wattledger::ipmi {
namespace {

constexpr int64_t kPatientNs = 100'000'000'000;
constexpr int64_t kHastyNs = 1'000'000;
constexpr char kIdentity[] = "4660:513";

Bytes Power(uint8_t watts) {
  Bytes response(19, 0);
  response[1] = 0xdc;
  response[2] = watts;
  response[18] = 0x40;
  return response;
}

Bytes MainInfo(uint8_t stamp) {
  Bytes info(15, 0);
  info[2] = 1;
  info[6] = stamp;
  return info;
}

Source Sensor(uint8_t number) { return {Source::Kind::kSensor, {}, number}; }

struct IpmiReaderTest : testing::Test {
  std::shared_ptr<FakeBmc> bmc = std::make_shared<FakeBmc>();
  std::map<uint8_t, Bytes> sensors;
  StopSignal stop;

  void SetUp() override {
    bmc->Answer(0x2c, 0x02, Power(200));
    bmc->Answer(0x0a, 0x20, MainInfo(1));
    bmc->handlers[{0x04, 0x2d}] = [this](const Request& request) -> Result<Bytes> {
      const auto sensor = sensors.find(request.data[0]);
      return sensor == sensors.end() ? Bytes{0xcb} : sensor->second;
    };
    sensors[1] = {0x00, 0x20, 0xc0};
    sensors[2] = {0x00, 0x30, 0xc0};
  }

  std::unique_ptr<IpmiReader> Make(IpmiReaderOptions options, int64_t deadline_ns = kPatientNs) {
    if (options.identity.empty()) options.identity = kIdentity;
    return std::make_unique<IpmiReader>(std::make_unique<FakeTransport>(bmc), deadline_ns,
                                        std::move(options));
  }
  std::vector<Reading> Sweep(IpmiReader& reader, size_t width) {
    std::vector<Reading> readings(width);
    reader.Read(readings, stop);
    return readings;
  }
};

TEST_F(IpmiReaderTest, AsksOncePerSourceAndNothingElse) {
  const auto reader = Make({.sources = {{}, Sensor(1)},
                            .stamp = "main-0100"
                                     "01000000"
                                     "00000000"});
  ASSERT_EQ(reader->Open(stop).value().size(), 2u);
  bmc->seen.clear();
  const auto readings = Sweep(*reader, 2);
  EXPECT_EQ(bmc->seen.size(), 2u);
  EXPECT_EQ(readings[0].value, 200u | 0x40u << 16);
  EXPECT_EQ(readings[1].value, 0x20u);
  EXPECT_LE(readings[0].before_ns, readings[0].after_ns);
  EXPECT_LE(readings[0].after_ns, readings[1].before_ns);
  EXPECT_FALSE(reader->Outdated());
}

TEST_F(IpmiReaderTest, OneRefusalCostsNoOtherSource) {
  sensors.erase(1);
  const auto reader = Make({.sources = {Sensor(1), Sensor(2)}});
  ASSERT_TRUE(reader->Open(stop).ok());
  const auto readings = Sweep(*reader, 2);
  EXPECT_EQ(readings[0].code, Code::kAbsent);
  EXPECT_EQ(readings[0].detail, kNotPresent);
  EXPECT_EQ(readings[1].code, Code::kOk);
}

TEST_F(IpmiReaderTest, AStatusSpeaksForASensorWithoutReading) {
  Source supply = Sensor(1);
  supply.status = 0x51;
  const auto reader = Make({.sources = {supply, Sensor(2)}});
  ASSERT_TRUE(reader->Open(stop).ok());
  sensors[0x51] = {0x00, 0x00, 0xc0, 0x09};
  EXPECT_EQ(Sweep(*reader, 2)[0].value, 0x20u);
  EXPECT_EQ(bmc->Count(0x04, 0x2d), 2u);
  sensors[1] = sensors[2] = {0x00, 0x00, 0xe0};
  auto readings = Sweep(*reader, 2);
  EXPECT_EQ(readings[0].code, Code::kOk);
  EXPECT_EQ(readings[0].value, 0x109u);
  EXPECT_EQ(readings[1].detail, kReadingUnavailable);
  sensors.erase(0x51);
  readings = Sweep(*reader, 2);
  EXPECT_EQ(readings[0].code, Code::kTransient);
  EXPECT_EQ(readings[0].detail, kReadingUnavailable);
  // Pulled out: the choice of what is read is outdated, whatever the status says.
  sensors[1] = {0xcb};
  sensors[0x51] = {0x00, 0x00, 0xc0, 0x00};
  EXPECT_EQ(Sweep(*reader, 2)[0].detail, kNotPresent);
}

TEST_F(IpmiReaderTest, ATimeOutEndsTheSweep) {
  bmc->FailWith(0x2c, 0x02, SilentBmc());
  const auto reader = Make({.sources = {{}, Sensor(1)}});
  ASSERT_TRUE(reader->Open(stop).ok());
  const auto readings = Sweep(*reader, 2);
  EXPECT_EQ(readings[0].detail, -ETIMEDOUT);
  EXPECT_EQ(readings[1].detail, kBackingOff);
  EXPECT_EQ(bmc->Count(0x04, 0x2d), 0u);
}

TEST_F(IpmiReaderTest, TheNextSweepBeginsBehindTheSourceThatTimedOut) {
  bmc->FailWith(0x2c, 0x02, SilentBmc());
  const auto reader = Make({.sources = {{}, Sensor(1)}}, kHastyNs);
  ASSERT_TRUE(reader->Open(stop).ok());
  auto readings = Sweep(*reader, 2);
  EXPECT_EQ(readings[0].detail, -ETIMEDOUT);
  while (readings[1].detail == kBackingOff) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(kHastyNs));
    readings = Sweep(*reader, 2);
  }
  EXPECT_EQ(readings[1].code, Code::kOk);
  EXPECT_EQ(readings[0].detail, -ETIMEDOUT);
}

TEST_F(IpmiReaderTest, ConnectsAgainByItself) {
  const auto reader = Make({.sources = {{}}});
  ASSERT_TRUE(reader->Open(stop).ok());
  bmc->connected = false;
  bmc->refuses_connection = Error{Code::kTransient, -ECONNREFUSED, "refused"};
  EXPECT_EQ(Sweep(*reader, 1)[0].detail, -ECONNREFUSED);
  bmc->refuses_connection.reset();
  EXPECT_EQ(Sweep(*reader, 1)[0].code, Code::kOk);
  EXPECT_FALSE(reader->Outdated());
}

TEST_F(IpmiReaderTest, TakesNoOtherMachinesSensorsForItsOwn) {
  const auto reader = Make({.sources = {{}, Sensor(1)}});
  ASSERT_TRUE(reader->Open(stop).ok());
  bmc->connected = false;
  bmc->SetDevice(42);
  const auto readings = Sweep(*reader, 2);
  EXPECT_EQ(readings[0].code, Code::kOk);
  EXPECT_EQ(readings[1].detail, kSensorsChanged);
  EXPECT_TRUE(reader->Outdated());
}

TEST_F(IpmiReaderTest, LooksAtTheStampBeforeTheFirstReadingOfANewConnection) {
  const auto reader = Make({.sources = {Sensor(1)},
                            .stamp = "main-0100"
                                     "01000000"
                                     "00000000"});
  ASSERT_TRUE(reader->Open(stop).ok());
  bmc->connected = false;
  bmc->Answer(0x0a, 0x20, MainInfo(2));
  EXPECT_EQ(Sweep(*reader, 1)[0].detail, kSensorsChanged);
  EXPECT_TRUE(reader->Outdated());
}

TEST_F(IpmiReaderTest, WatchesTheStampNowAndThen) {
  const auto reader = Make({.sources = {Sensor(1)},
                            .stamp = "main-0100"
                                     "01000000"
                                     "00000000",
                            .watch_ns = 0});
  ASSERT_TRUE(reader->Open(stop).ok());
  EXPECT_EQ(Sweep(*reader, 1)[0].code, Code::kOk);
  EXPECT_FALSE(reader->Outdated());
  bmc->Answer(0x0a, 0x20, {kNodeBusy});  // says nothing about the records
  Sweep(*reader, 1);
  EXPECT_FALSE(reader->Outdated());
  bmc->Answer(0x0a, 0x20, MainInfo(2));
  Sweep(*reader, 1);
  EXPECT_TRUE(reader->Outdated());
}

TEST_F(IpmiReaderTest, NoticesSuppliesThatComeAndGo) {
  const auto reader = Make({.sources = {Sensor(1)}, .absent = {Sensor(7)}, .watch_ns = 0});
  ASSERT_TRUE(reader->Open(stop).ok());
  Sweep(*reader, 1);
  EXPECT_FALSE(reader->Outdated());
  sensors[7] = {0x00, 0x10, 0xc0};
  Sweep(*reader, 1);
  EXPECT_TRUE(reader->Outdated());

  const auto other = Make({.sources = {Sensor(1), Sensor(2)}, .watch_ns = 0});
  ASSERT_TRUE(other->Open(stop).ok());
  sensors.erase(2);
  Sweep(*other, 2);
  EXPECT_TRUE(other->Outdated());
}

struct ScanReaderTest : IpmiReaderTest {
  void SetUp() override {
    IpmiReaderTest::SetUp();
    bmc->Answer(0x0a, 0x22, {0x00, 0x01, 0x00});
    bmc->handlers[{0x0a, 0x23}] = [](const Request& request) -> Result<Bytes> {
      const Bytes record{0x01, 0x00, 0x51, 0x01, 0x02, 0xab, 0xcd};
      Bytes response{0x00, 0xff, 0xff};
      const size_t from = request.data[4];
      response.insert(response.end(), record.begin() + from, record.begin() + from + request.data[5]);
      return response;
    };
  }
  Result<std::vector<ChannelInfo>> Scan(const std::string& known_stamp) {
    ScanReader reader(std::make_unique<FakeTransport>(bmc), kPatientNs, known_stamp);
    return reader.Open(stop);
  }
};

TEST_F(ScanReaderTest, HandsOverTheBmcAndItsRecords) {
  auto found = Scan("");
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found.value().size(), 2u);
  auto& bmc_attributes = found.value()[0].attributes;
  EXPECT_EQ(bmc_attributes["identity"], kIdentity);
  EXPECT_EQ(bmc_attributes["firmware"], "2.10");
  EXPECT_EQ(bmc_attributes["records"], "read");
  EXPECT_EQ(found.value()[1].id, "sdr-0100");
  EXPECT_EQ(found.value()[1].attributes.at("record"), "0100510102abcd");

  const auto again = Scan(bmc_attributes["stamp"]);
  EXPECT_EQ(again.value().size(), 1u);
  EXPECT_EQ(again.value()[0].attributes.at("records"), "known");
  EXPECT_EQ(bmc->Count(0x0a, 0x22), 1u);
}

TEST_F(ScanReaderTest, SaysThatTheRecordsCouldNotBeRead) {
  bmc->Answer(0x0a, 0x23, {kNodeBusy});
  const auto found = Scan("");
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found.value().size(), 1u);
  EXPECT_EQ(found.value()[0].attributes.at("records"), "failed");
  EXPECT_EQ(found.value()[0].attributes.at("error"), "the BMC answered with code c0");
}

TEST_F(ScanReaderTest, WaitsForABmcThatIsUpdating) {
  bmc->Answer(0x06, 0x01, {0x00, 0x20, 0x01, 0x82, 0x10, 0x02, 0xbf, 0x34, 0x12, 0x00, 0x01, 0x02});
  EXPECT_EQ(Scan("").error().code, Code::kTransient);
}

}  // namespace
}  // namespace wattledger::ipmi
