#include "files/pm_counters_reader.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>

namespace wattledger {
namespace {

constexpr int64_t kNever = INT64_MAX;

// Called before each read of a file, with how many there were.
std::function<void(int)> before_read;
int reads = 0;

ssize_t WatchedPread(int fd, void* bytes, size_t size, off_t offset) {
  if (before_read) before_read(reads);
  ++reads;
  return pread(fd, bytes, size, offset);
}

class PmCountersReaderTest : public testing::Test {
 protected:
  PmCountersReaderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pm-counters-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    before_read = nullptr;
    reads = 0;
    Write("freshness", "7 1734094386462336 us");
    Write("startup", "1734000000000000 1734094386462336 us");
    Scan(1000, 400, 1);
  }
  ~PmCountersReaderTest() override { std::filesystem::remove_all(directory_); }

  void Write(const char* file, const std::string& text) const { std::ofstream(directory_ / file) << text << "\n"; }
  void Scan(int node_j, int cpu_j, int stamp) const {
    Write("energy", std::to_string(node_j) + " J " + std::to_string(stamp) + " us");
    Write("cpu_energy", std::to_string(cpu_j) + " J " + std::to_string(stamp) + " us");
  }
  PmCountersReader Make(std::vector<std::string> names, int64_t stale_ns = kNever) const {
    return {directory_.string(), std::move(names), stale_ns, WatchedPread};
  }
  std::vector<Reading> Read(Reader& reader, size_t width) const {
    std::vector<Reading> readings(width);
    reader.Read(readings, stop_);
    return readings;
  }

  std::filesystem::path directory_;
  StopSignal stop_;
};

TEST(PmCounterTest, ANumberItsUnitAndItsTime) {
  const auto whole = ParsePmCounter("100 J 1734094386462336 us\n");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->value, 100u);
  EXPECT_EQ(whole->unit, "J");
  EXPECT_EQ(whole->stamp_us, 1734094386462336u);
  EXPECT_EQ(ParsePmCounter("18446744073709551615")->value, UINT64_MAX);
  EXPECT_EQ(ParsePmCounter("35 W")->unit, "W");
  EXPECT_EQ(ParsePmCounter("12345 1734094386462336 us")->stamp_us, 1734094386462336u);
}

TEST(PmCounterTest, AnythingElseIsNone) {
  for (const char* text : {"", "\n", "J", "-1 J 5 us", "1.5 J 5 us", "1 J 5", "1 J 5 ms", "1 J us", "1 J 5 us 6", "1 2",
                           "18446744073709551616 J", "1J 5 us", "nan J 5 us", "1 J -5 us"}) {
    EXPECT_FALSE(ParsePmCounter(text)) << text;
  }
}

TEST_F(PmCountersReaderTest, WhatStandsAtZeroIsNotThere) {
  Write("memory_energy", "0 J 1 us");
  Write("accel0_energy", "0 J 1 us");
  PmCountersReader reader = Make({"energy", "memory_energy", "cpu_energy", "accel0_energy", "accel9_energy"});
  const auto opened = reader.Open(stop_);
  ASSERT_EQ(opened.value().size(), 3u);
  EXPECT_EQ(opened.value()[0].attributes.at("file"), "energy");
  EXPECT_EQ(opened.value()[1].attributes.at("file"), "cpu_energy");
  EXPECT_EQ(opened.value()[1].attributes.at("startup"), "1734000000000000");
  const auto readings = Read(reader, 3);
  EXPECT_EQ(readings[0].value, 1000u);
  EXPECT_EQ(readings[1].value, 400u);
  EXPECT_EQ(readings[2].code, Code::kAbsent);
  EXPECT_FALSE(reader.Outdated());
  Write("memory_energy", "1 J 2 us");
  Read(reader, 3);
  EXPECT_TRUE(reader.Outdated());
}

TEST_F(PmCountersReaderTest, ASetThatIsRenewedMeanwhileIsReadAgain) {
  PmCountersReader reader = Make({"energy", "cpu_energy"});
  ASSERT_EQ(reader.Open(stop_).value().size(), 2u);
  // freshness, energy, then the controller writes, and cpu_energy is of the next time.
  before_read = [&, first = reads](int at) {
    if (at != first + 2) return;
    Scan(1100, 450, 2);
    Write("freshness", "8 1734094386562336 us");
  };
  const auto readings = Read(reader, 2);
  EXPECT_EQ(readings[0].value, 1100u);
  EXPECT_EQ(readings[1].value, 450u);
}

TEST_F(PmCountersReaderTest, ASetThatIsAlwaysRenewedIsTakenAsItIs) {
  PmCountersReader reader = Make({"energy", "cpu_energy"});
  ASSERT_EQ(reader.Open(stop_).value().size(), 2u);
  const int first = reads;
  before_read = [&](int at) { Write("freshness", std::to_string(at)); };
  const auto readings = Read(reader, 2);
  EXPECT_EQ(readings[1].code, Code::kOk);
  // freshness, then three sets with freshness behind each, then startup.
  EXPECT_EQ(reads - first, 1 + 3 * 3 + 1);
}

TEST_F(PmCountersReaderTest, WhatIsNotRenewedIsStale) {
  PmCountersReader reader = Make({"energy", "cpu_energy"}, -1);
  ASSERT_EQ(reader.Open(stop_).value().size(), 2u);
  for (const auto& reading : Read(reader, 2)) {
    EXPECT_EQ(reading.code, Code::kTransient);
    EXPECT_EQ(reading.detail, ESTALE);
  }
  PmCountersReader patient = Make({"energy", "cpu_energy"}, kNever);
  ASSERT_EQ(patient.Open(stop_).value().size(), 2u);
  Read(patient, 2);
  EXPECT_EQ(Read(patient, 2)[0].code, Code::kOk);
}

TEST_F(PmCountersReaderTest, EachNumberIsAsOldAsItsOwnTime) {
  PmCountersReader reader = Make({"energy", "cpu_energy"}, 1);
  ASSERT_EQ(reader.Open(stop_).value().size(), 2u);
  Read(reader, 2);
  Write("energy", "1001 J 2 us");
  const auto readings = Read(reader, 2);
  EXPECT_EQ(readings[0].value, 1001u);
  EXPECT_EQ(readings[0].code, Code::kOk);
  EXPECT_EQ(readings[1].detail, ESTALE);
}

TEST_F(PmCountersReaderTest, WithoutATimeFreshnessTells) {
  Write("energy", "1000");
  PmCountersReader reader = Make({"energy"}, 1);
  ASSERT_EQ(reader.Open(stop_).value().size(), 1u);
  EXPECT_EQ(Read(reader, 1)[0].code, Code::kOk);
  EXPECT_EQ(Read(reader, 1)[0].detail, ESTALE);
  Write("freshness", "8");
  EXPECT_EQ(Read(reader, 1)[0].code, Code::kOk);
}

TEST_F(PmCountersReaderTest, AControllerThatStartedCountsFromZeroAnew) {
  PmCountersReader reader = Make({"energy", "cpu_energy"});
  ASSERT_EQ(reader.Open(stop_).value().size(), 2u);
  Read(reader, 2);
  EXPECT_FALSE(reader.Outdated());
  Write("startup", "1734000000000001 1734094386462336 us");
  // More than before, and yet no continuation of it.
  Scan(5000, 900, 2);
  for (const auto& reading : Read(reader, 2)) EXPECT_EQ(reading.detail, ESTALE);
  EXPECT_TRUE(reader.Outdated());
  Write("startup", "1734000000000000 1734094386462336 us");
  EXPECT_EQ(Read(reader, 2)[0].detail, ESTALE) << "until it is opened anew";
}

TEST_F(PmCountersReaderTest, WhatCannotBeReadIsNoNumber) {
  Write("memory_energy", "12 W 1 us");
  PmCountersReader reader = Make({"energy", "memory_energy"});
  ASSERT_EQ(reader.Open(stop_).value().size(), 2u);
  EXPECT_EQ(Read(reader, 2)[1].code, Code::kCorrupt);
  Write("energy", "");
  EXPECT_EQ(Read(reader, 2)[0].code, Code::kCorrupt);
  std::filesystem::remove(directory_ / "freshness");
  PmCountersReader blind = Make({"energy"});
  ASSERT_EQ(blind.Open(stop_).value().size(), 1u);
  EXPECT_EQ(Read(blind, 1)[0].detail, ENOENT);
}

}  // namespace
}  // namespace wattledger
