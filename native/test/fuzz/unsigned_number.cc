#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/parse.h"

// The text of a sysfs file, read a second way: digits, then at most white space. A number comes out exactly
// where there is one, and it is the one that the digits say.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const bool is_clean = text.find_first_not_of(" \t\n", digits) == std::string::npos;
  unsigned __int128 expected = 0;
  for (size_t i = 0; i < digits && expected <= UINT64_MAX; ++i) expected = expected * 10 + (text[i] - '0');
  const bool is_number = digits > 0 && is_clean && expected <= UINT64_MAX;

  const auto parsed = wattledger::ParseUnsigned({text.data(), text.size()});
  if (parsed.has_value() != is_number) std::abort();
  if (parsed && *parsed != static_cast<uint64_t>(expected)) std::abort();
  return 0;
}
