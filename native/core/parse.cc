#include "core/parse.h"

#include <charconv>

namespace wattledger {

std::optional<uint64_t> ParseUnsigned(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view rest(end, static_cast<size_t>(text.data() + text.size() - end));
  if (rest.find_first_not_of(" \t\n") != std::string_view::npos) return std::nullopt;
  return value;
}

}  // namespace wattledger
