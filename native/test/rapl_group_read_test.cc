#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "rapl/group_read.h"

namespace wattledger {
namespace {

TEST(ParseGroupRead, FindsEachEventByItsIdWhateverTheOrder) {
  const std::vector<uint64_t> words{2, 111, 7, 222, 9};
  std::array<uint64_t, 2> values{};
  ASSERT_TRUE(ParseGroupRead(words, std::array<uint64_t, 2>{9, 7}, values));
  EXPECT_EQ(values[0], 222u);
  EXPECT_EQ(values[1], 111u);
}

TEST(ParseGroupRead, TakesNoValueForAnId) {
  std::array<uint64_t, 1> values{};
  EXPECT_FALSE(ParseGroupRead(std::vector<uint64_t>{1, 7, 8}, std::array<uint64_t, 1>{7}, values));
}

TEST(ParseGroupRead, RefusesAnythingElseAndLeavesTheValues) {
  const std::array<uint64_t, 2> ids{7, 9};
  const std::vector<std::vector<uint64_t>> refused{
      {},                      // end of file: the error state
      {2},                     // cut short
      {2, 1, 7, 2},            // cut short
      {1, 1, 7},               // an event is missing
      {3, 1, 7, 2, 9},         // more than were read
      {2, 1, 7, 2, 8},         // another event
      {2, 1, 7, 2, 9, 3, 10},  // longer than asked for
  };
  for (const auto& words : refused) {
    std::array<uint64_t, 2> values{41, 42};
    EXPECT_FALSE(ParseGroupRead(words, ids, values));
    EXPECT_EQ(values[0], 41u);
    EXPECT_EQ(values[1], 42u);
  }
}

}  // namespace
}  // namespace wattledger
