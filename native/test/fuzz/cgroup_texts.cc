#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "cgroup/files.h"

using namespace wattledger::cgroup;

// Texts of control groups and /proc/stat. What comes out is what the text says, found a second way.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Hierarchy v2{"", true}, v1{"", false};

  const auto us = ParseUsageNs(v2, text);
  const bool has_line = text.starts_with("usage_usec ") || text.find("\nusage_usec ") != std::string::npos;
  if (us && (!has_line || *us % 1000 != 0)) std::abort();
  if (us && text.find(std::to_string(*us / 1000)) == std::string::npos) std::abort();

  const auto ns = ParseUsageNs(v1, text);
  if (ns && text.find(std::to_string(*ns)) == std::string::npos) std::abort();
  if (ParseStatNs(text) && text.find("cpu") == std::string::npos) std::abort();

  const auto cpus = ParseCpuCount(text);
  if (!cpus) return 0;
  if (*cpus == 0) std::abort();
  for (const char c : text.substr(0, text.find('\n'))) {
    if (!isdigit(static_cast<unsigned char>(c)) && c != ',' && c != '-') std::abort();
  }
  return 0;
}
