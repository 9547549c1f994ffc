#include "rapl/group_read.h"

#include <algorithm>
#include <vector>

namespace wattledger {

bool ParseGroupRead(std::span<const uint64_t> words, std::span<const uint64_t> ids,
                    std::span<uint64_t> values) {
  if (words.size() != GroupReadWords(ids.size()) || words[0] != ids.size()) return false;
  std::vector<uint64_t> found;
  for (const uint64_t id : ids) {
    size_t at = 1;
    while (at < words.size() && words[at + 1] != id) at += 2;
    if (at >= words.size()) return false;
    found.push_back(words[at]);
  }
  std::copy(found.begin(), found.end(), values.begin());
  return true;
}

}  // namespace wattledger
