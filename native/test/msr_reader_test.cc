#include "rapl/msr_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace wattledger {
namespace {

constexpr uint32_t kUnit = 0x606;
constexpr uint32_t kPackage = 0x611;
constexpr uint32_t kDram = 0x619;
constexpr uint32_t kPlatform = 0x64d;

// Sparse files in place of /dev/cpu/N/msr: the file offset is the register's number, and past the end is no
// register.
class MsrReaderTest : public testing::Test {
 protected:
  MsrReaderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "msr-reader-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~MsrReaderTest() override { std::filesystem::remove_all(directory_); }
  std::string Path(const std::string& name) const { return (directory_ / name).string(); }
  void Write(const std::string& name, uint32_t register_number, uint64_t value) const {
    const UniqueFd fd(open(Path(name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_EQ(pwrite(fd.get(), &value, sizeof value, register_number), static_cast<ssize_t>(sizeof value));
  }
  std::filesystem::path directory_;
  StopSignal stop_;
};

TEST_F(MsrReaderTest, HandsOverRawRegistersAndTheirUnit) {
  Write("0", kUnit, 0xa0e03);
  Write("0", kPackage, 0xdead'0000'1234);
  MsrReader reader({{Path("0"), kPackage, kUnit}});
  const auto opened = reader.Open(stop_);
  ASSERT_TRUE(opened.ok());
  ASSERT_EQ(opened.value().size(), 1u);
  EXPECT_EQ(opened.value()[0].attributes.at("unit"), std::to_string(0xa0e03));
  EXPECT_EQ(opened.value()[0].attributes.at("index"), "0");
  std::vector<Reading> readings(1);
  reader.Read(readings, stop_);
  EXPECT_EQ(readings[0].value, 0xdead'0000'1234u);
  EXPECT_EQ(readings[0].code, Code::kOk);
  EXPECT_LE(readings[0].before_ns, readings[0].after_ns);
  Write("0", kPackage, 0x1235);
  reader.Read(readings, stop_);
  EXPECT_EQ(readings[0].value, 0x1235u);
}

TEST_F(MsrReaderTest, ReachesTheRegistersAboveTwoGigabytes) {
  Write("0", 0xc0010299, 0xa1003);
  Write("0", 0xc001029b, 99);
  MsrReader reader({{Path("0"), 0xc001029b, 0xc0010299}});
  ASSERT_TRUE(reader.Open(stop_).ok());
  std::vector<Reading> readings(1);
  reader.Read(readings, stop_);
  EXPECT_EQ(readings[0].value, 99u);
}

TEST_F(MsrReaderTest, LeavesOutWhatTheProcessorDoesNotCount) {
  Write("0", kUnit, 0xa0e03);
  Write("0", kPackage, 7);
  Write("0", kDram, 0xffff'ffff'0000'0000);
  MsrReader reader({{Path("0"), kDram, kUnit}, {Path("0"), kPackage, kUnit}, {Path("0"), kPlatform, kUnit}});
  const auto opened = reader.Open(stop_);
  ASSERT_TRUE(opened.ok());
  ASSERT_EQ(opened.value().size(), 1u);
  EXPECT_EQ(opened.value()[0].attributes.at("index"), "1");
}

TEST_F(MsrReaderTest, NothingThatCountsIsAbsentAndNoDeviceIsItsReason) {
  Write("0", kUnit, 0xa0e03);
  MsrReader silent({{Path("0"), kPackage, kUnit}});
  const auto none = silent.Open(stop_);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, Code::kAbsent);
  MsrReader gone({{Path("gone"), kPackage, kUnit}});
  const auto missing = gone.Open(stop_);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, Code::kAbsent);
  EXPECT_EQ(missing.error().detail, ENOENT);
  MsrReader nothing({});
  EXPECT_FALSE(nothing.Open(stop_).ok());
}

TEST_F(MsrReaderTest, ADeviceThatIsRefusedCostsNoOtherAndIsTriedAgain) {
  Write("0", kUnit, 0xa0e03);
  Write("0", kPackage, 7);
  MsrReader reader({{Path("1"), kPackage, kUnit}, {Path("0"), kPackage, kUnit}});
  const auto opened = reader.Open(stop_);
  ASSERT_TRUE(opened.ok());
  ASSERT_EQ(opened.value().size(), 2u);
  EXPECT_EQ(opened.value()[0].attributes.count("unit"), 0u);
  std::vector<Reading> readings(2);
  reader.Read(readings, stop_);
  EXPECT_EQ(readings[0].code, Code::kAbsent);
  EXPECT_EQ(readings[0].detail, ENOENT);
  EXPECT_EQ(readings[1].value, 7u);
  Write("1", kPackage, 8);
  reader.Read(readings, stop_);
  EXPECT_EQ(readings[0].code, Code::kOk);
  EXPECT_EQ(readings[0].value, 8u);
}

TEST_F(MsrReaderTest, ARegisterThatIsCutShortIsNoNumber) {
  Write("0", kUnit, 0xa0e03);
  Write("0", kPackage, 7);
  MsrReader reader({{Path("0"), kPackage, kUnit}});
  ASSERT_TRUE(reader.Open(stop_).ok());
  std::filesystem::resize_file(Path("0"), kPackage + 4);
  std::vector<Reading> readings(1);
  reader.Read(readings, stop_);
  EXPECT_EQ(readings[0].code, Code::kTransient);
  EXPECT_EQ(readings[0].detail, EIO);
  Write("0", kPackage, 9);
  reader.Read(readings, stop_);
  EXPECT_EQ(readings[0].value, 9u);
  reader.Close();
  reader.Close();
}

}  // namespace
}  // namespace wattledger
