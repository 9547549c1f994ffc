#include "files/words_reader.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace wattledger {
namespace {

class WordsReaderTest : public testing::Test {
 protected:
  WordsReaderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "words-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~WordsReaderTest() override { std::filesystem::remove_all(directory_); }

  std::string path() const { return (directory_ / "gpu_metrics").string(); }
  void Write(std::initializer_list<int> bytes) const {
    std::ofstream file(path(), std::ios::binary | std::ios::trunc);
    for (const int byte : bytes) file.put(static_cast<char>(byte));
  }
  static std::vector<Reading> Read(Reader& reader, size_t width) {
    std::vector<Reading> readings(width);
    reader.Read(readings, StopSignal());
    return readings;
  }

  const std::vector<TableLayout> layouts_ = {{1, 3, {{4, 2}, {6, 8}}}, {2, 0, {{4, 1}}}};
  std::filesystem::path directory_;
  StopSignal stop_;
};

TEST_F(WordsReaderTest, ReadsTheWordsOfTheLayoutThatTheTableNames) {
  Write({14, 0, 1, 3, 0x2c, 0x01, 1, 0, 0, 0, 0, 0, 0, 0x80, 77});
  WordsReader reader(path(), layouts_);
  const auto opened = reader.Open(stop_);
  ASSERT_EQ(opened.value().size(), 2u);
  EXPECT_EQ(opened.value()[0].attributes.at("format"), "1");
  EXPECT_EQ(opened.value()[1].attributes.at("content"), "3");
  EXPECT_EQ(opened.value()[1].attributes.at("word"), "1");
  EXPECT_EQ(opened.value()[1].attributes.at("value"), "9223372036854775809");
  Write({14, 0, 1, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
  const auto readings = Read(reader, 2);
  EXPECT_EQ(readings[0].value, 0xffffu);
  EXPECT_EQ(readings[1].value, UINT64_MAX);
  EXPECT_EQ(readings[1].code, Code::kOk);
  EXPECT_EQ(readings[0].before_ns, readings[1].before_ns);
  EXPECT_FALSE(reader.Outdated());
}

TEST_F(WordsReaderTest, ATableThatIsCutOffIsNoNumber) {
  Write({14, 0, 1, 3, 9, 0, 1, 2, 3});
  WordsReader reader(path(), layouts_);
  const auto opened = reader.Open(stop_);
  ASSERT_EQ(opened.value().size(), 2u);
  EXPECT_EQ(opened.value()[0].attributes.at("value"), "9");
  EXPECT_FALSE(opened.value()[1].attributes.contains("value"));
  const auto readings = Read(reader, 2);
  EXPECT_EQ(readings[0].value, 9u);
  EXPECT_EQ(readings[1].code, Code::kCorrupt);
  Write({});
  EXPECT_EQ(Read(reader, 2)[0].code, Code::kCorrupt);
}

TEST_F(WordsReaderTest, ATableOfAnUnknownLayoutIsToldByItsNumbers) {
  Write({14, 0, 1, 9, 0, 0});
  WordsReader reader(path(), layouts_);
  const auto opened = reader.Open(stop_);
  ASSERT_EQ(opened.value().size(), 1u);
  EXPECT_EQ(opened.value()[0].attributes.at("content"), "9");
  EXPECT_FALSE(opened.value()[0].attributes.contains("word"));
  EXPECT_EQ(Read(reader, 1)[0].code, Code::kCorrupt);
  EXPECT_FALSE(reader.Outdated());
  // The driver was loaded anew, and is another one.
  Write({6, 0, 2, 0, 5, 0});
  EXPECT_EQ(Read(reader, 1)[0].code, Code::kCorrupt);
  EXPECT_TRUE(reader.Outdated());
}

TEST_F(WordsReaderTest, ATableThatCannotBeReadYetIsAwaited) {
  WordsReader reader(path(), layouts_);
  const auto opened = reader.Open(stop_);
  ASSERT_EQ(opened.value().size(), 1u);
  EXPECT_EQ(opened.value()[0].attributes.at("errno"), std::to_string(ENOENT));
  EXPECT_EQ(Read(reader, 1)[0].detail, ENOENT);
  EXPECT_EQ(Read(reader, 1)[0].code, Code::kAbsent);
  EXPECT_FALSE(reader.Outdated());
  Write({6, 0, 2, 0, 5, 0});
  EXPECT_EQ(Read(reader, 1)[0].code, Code::kCorrupt);
  EXPECT_TRUE(reader.Outdated());
}

TEST_F(WordsReaderTest, ADeviceThatSleepsIsNotAsked) {
  const std::string status = path() + ".status";
  const auto is = [&](const char* text) { std::ofstream(status) << text << "\n"; };
  Write({6, 0, 2, 0, 5, 0});
  is("suspended");
  WordsReader reader(path(), layouts_, status);
  EXPECT_EQ(reader.Open(stop_).value()[0].attributes.at("errno"), std::to_string(EPERM));
  EXPECT_EQ(Read(reader, 1)[0].detail, EPERM);
  EXPECT_FALSE(reader.Outdated());
  is("active");
  Read(reader, 1);
  EXPECT_TRUE(reader.Outdated());
  std::filesystem::remove(status);
  WordsReader awake(path(), layouts_, path() + ".none");
  EXPECT_EQ(awake.Open(stop_).value()[0].attributes.at("value"), "5");
}

TEST_F(WordsReaderTest, AWordBeyondEveryTableIsNeverRead) {
  Write({14, 0, 1, 3, 9, 0});
  WordsReader reader(path(), {{1, 3, {{0xffffffff, 8}, {4, 0}, {4, 9}, {4, 1}}}});
  ASSERT_EQ(reader.Open(stop_).value().size(), 4u);
  const auto readings = Read(reader, 4);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(readings[i].code, Code::kCorrupt);
  EXPECT_EQ(readings[3].value, 9u);
}

}  // namespace
}  // namespace wattledger
