#include "rapl/group_read.h"

#include <cstdlib>
#include <cstring>
#include <vector>

// The first byte says how many of the words that follow are the ids that we opened; the rest is what the
// kernel said. Whatever it said, a value is taken only from behind its own id, and a refusal leaves the
// values alone.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::vector<uint64_t> all((size - 1) / sizeof(uint64_t));
  if (!all.empty()) std::memcpy(all.data(), data + 1, all.size() * sizeof(uint64_t));
  const size_t count = all.empty() ? 0 : data[0] % (all.size() + 1);
  const std::span<const uint64_t> ids(all.data(), count);
  const std::span<const uint64_t> words(all.data() + count, all.size() - count);

  constexpr uint64_t kUntouched = 0x5eed'5eed'5eed'5eed;
  std::vector<uint64_t> values(count, kUntouched);
  const bool is_parsed = wattledger::ParseGroupRead(words, ids, values);
  if (is_parsed && words.size() != wattledger::GroupReadWords(count)) std::abort();
  for (size_t i = 0; i < count; ++i) {
    bool is_found = false;
    for (size_t at = 1; is_parsed && at + 1 < words.size(); at += 2) {
      is_found = is_found || (words[at] == values[i] && words[at + 1] == ids[i]);
    }
    if (is_parsed ? !is_found : values[i] != kUntouched) std::abort();
  }
  return 0;
}
