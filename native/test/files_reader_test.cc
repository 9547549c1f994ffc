#include "files/files_reader.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/parse.h"

namespace wattledger {
namespace {

class FilesReaderTest : public testing::Test {
 protected:
  FilesReaderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "files-reader-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~FilesReaderTest() override { std::filesystem::remove_all(directory_); }
  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
    return (directory_ / name).string();
  }
  std::filesystem::path directory_;
  StopSignal stop_;
};

TEST_F(FilesReaderTest, OneBadFileNeverCostsAnother) {
  FilesReader reader({Write("a", "123456\n"), Write("b", "-5\n"), (directory_ / "gone").string(), Write("c", "")});
  ASSERT_TRUE(reader.Open(stop_).ok());
  std::vector<Reading> readings(4);
  reader.Read(readings, stop_);
  EXPECT_EQ(readings[0].code, Code::kOk);
  EXPECT_EQ(readings[0].value, 123456u);
  EXPECT_LE(readings[0].before_ns, readings[0].after_ns);
  EXPECT_EQ(readings[1].code, Code::kCorrupt);
  EXPECT_EQ(readings[2].code, Code::kAbsent);
  EXPECT_EQ(readings[2].detail, ENOENT);
  EXPECT_EQ(readings[3].code, Code::kCorrupt);
}

TEST_F(FilesReaderTest, FollowsAValueThroughItsKeptDescriptorAndFindsALateFile) {
  const std::string path = Write("a", "1\n");
  FilesReader reader({path, (directory_ / "late").string()});
  ASSERT_TRUE(reader.Open(stop_).ok());
  std::vector<Reading> readings(2);
  reader.Read(readings, stop_);
  Write("a", "2\n");
  Write("late", "7\n");
  reader.Read(readings, stop_);
  EXPECT_EQ(readings[0].value, 2u);
  EXPECT_EQ(readings[1].value, 7u);
  EXPECT_EQ(readings[1].code, Code::kOk);
}

TEST(ParseUnsigned, AcceptsOneNumberAndNothingElse) {
  EXPECT_EQ(ParseUnsigned("0"), 0u);
  EXPECT_EQ(ParseUnsigned("18446744073709551615\n"), UINT64_MAX);
  for (const auto* text : {"", "\n", "-1", "+1", " 1", "1 2", "0x10", "18446744073709551616", "1e3", "12uJ"}) {
    EXPECT_EQ(ParseUnsigned(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace wattledger
