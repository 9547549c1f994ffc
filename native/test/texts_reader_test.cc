#include "files/texts_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace wattledger {
namespace {

TEST(TextsReader, TellsTheTextOrTheReasonOfEachAndWaitsForNoFifo) {
  std::string pattern = (std::filesystem::temp_directory_path() / "texts-reader-XXXXXX").string();
  const std::filesystem::path directory = mkdtemp(pattern.data());
  std::ofstream(directory / "name") << "package-0\n";
  std::ofstream(directory / "long") << std::string(100'000, 'x');
  ASSERT_EQ(mkfifo((directory / "fifo").c_str(), 0600), 0);
  TextsReader reader({directory / "name", directory / "long", directory / "fifo", directory / "gone", directory});
  const StopSignal stop;
  const auto opened = reader.Open(stop);
  ASSERT_TRUE(opened.ok());
  const auto& channels = opened.value();
  ASSERT_EQ(channels.size(), 5u);
  EXPECT_EQ(channels[0].attributes.at("text"), "package-0\n");
  EXPECT_EQ(channels[1].attributes.at("text"), std::string(4096, 'x'));
  EXPECT_EQ(channels[2].attributes.at("errno"), std::to_string(ESPIPE));
  EXPECT_EQ(channels[3].attributes.at("errno"), std::to_string(ENOENT));
  EXPECT_EQ(channels[4].attributes.at("errno"), std::to_string(EISDIR));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace wattledger
