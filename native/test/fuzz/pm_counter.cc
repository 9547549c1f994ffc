#include <cstdint>
#include <cstdlib>
#include <regex>
#include <string>

#include "files/pm_counters_reader.h"

// A line of pm_counters, read a second way: a number, perhaps a unit, perhaps a time. A counter comes out exactly where
// there is one, with the numbers that the digits say.
namespace {

bool Fits(const std::string& digits) {
  const size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  const std::string significant = digits.substr(first);
  return significant.size() < 20 || (significant.size() == 20 && significant <= "18446744073709551615");
}

uint64_t NumberOf(const std::string& digits) { return digits.empty() ? 0 : std::strtoull(digits.c_str(), nullptr, 10); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 64) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  static const std::regex kLine(R"([ \t\n]*([0-9]+)(?:[ \t\n]+([^0-9 \t\n][^ \t\n]*))?(?:[ \t\n]+([0-9]+)[ \t\n]+us)?[ \t\n]*)",
                                std::regex::ECMAScript);
  std::smatch match;
  const bool is_line = std::regex_match(text, match, kLine) && Fits(match[1]) && Fits(match[3]);
  const auto counter = wattledger::ParsePmCounter(text);
  if (counter.has_value() != is_line) std::abort();
  if (!counter) return 0;
  if (counter->value != NumberOf(match[1]) || counter->unit != match[2] || counter->stamp_us != NumberOf(match[3]))
    std::abort();
  return 0;
}
