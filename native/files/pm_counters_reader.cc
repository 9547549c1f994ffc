#include "files/pm_counters_reader.h"

#include <fcntl.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include "core/clock.h"

namespace wattledger {
namespace {

// A set takes microseconds of the hundred milliseconds for which it stands.
constexpr int kMostAttempts = 3;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

std::string_view NextWord(std::string_view& text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  size_t length = 0;
  while (length < text.size() && !IsBlank(text[length])) ++length;
  const std::string_view word = text.substr(0, length);
  text.remove_prefix(length);
  return word;
}

bool ParseWhole(std::string_view word, uint64_t& value) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size();
}

}  // namespace

std::optional<PmCounter> ParsePmCounter(std::string_view text) {
  PmCounter counter;
  if (!ParseWhole(NextWord(text), counter.value)) return std::nullopt;
  std::string_view word = NextWord(text);
  if (!word.empty() && (word.front() < '0' || word.front() > '9')) {
    counter.unit = word;
    word = NextWord(text);
  }
  if (word.empty()) return counter;
  if (!ParseWhole(word, counter.stamp_us) || NextWord(text) != "us" || !NextWord(text).empty()) return std::nullopt;
  return counter;
}

PmCountersReader::PmCountersReader(const std::string& directory, std::vector<std::string> names, int64_t stale_ns,
                                   decltype(&pread) call)
    : call_(call), stale_ns_(stale_ns) {
  const auto file = [&](const std::string& name) { return File{name, directory + "/" + name, UniqueFd(), 0, 0}; };
  freshness_ = file("freshness");
  startup_ = file("startup");
  for (const auto& name : names) files_.push_back(file(name));
}

PmCountersReader::Outcome PmCountersReader::ReadFile(File& file) {
  if (!file.fd.valid()) file.fd = UniqueFd(open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.fd.valid()) return {std::nullopt, errno};
  std::array<char, 64> text;
  const ssize_t length = call_(file.fd.get(), text.data(), text.size(), 0);
  if (length < 0) {
    const int error_number = errno;
    if (error_number == ENODEV) file.fd.Reset();
    return {std::nullopt, error_number};
  }
  // The longest has 48 characters: what was cut off is another text.
  if (static_cast<size_t>(length) == text.size()) return {};
  auto counter = ParsePmCounter({text.data(), static_cast<size_t>(length)});
  if (!counter) return {};
  const bool is_energy = &file != &freshness_ && &file != &startup_;
  if (is_energy && !counter->unit.empty() && counter->unit != "J") return {};
  return {counter, 0};
}

Result<std::vector<ChannelInfo>> PmCountersReader::Open(const StopSignal&) {
  std::map<std::string, std::string> attributes;
  if (const auto startup = ReadFile(startup_).counter) {
    epoch_ = startup->value;
    attributes["startup"] = std::to_string(startup->value);
  }
  std::vector<ChannelInfo> channels;
  std::vector<File> counting;
  for (auto& file : files_) {
    const auto counter = ReadFile(file).counter;
    if (counter && counter->value == 0) {
      idle_.push_back(std::move(file));
      continue;
    }
    attributes["file"] = file.name;
    channels.push_back({file.path, attributes});
    counting.push_back(std::move(file));
  }
  files_ = std::move(counting);
  return channels;
}

void PmCountersReader::Read(std::span<Reading> readings, const StopSignal& stop) {
  for (auto& file : idle_) {
    const auto counter = ReadFile(file).counter;
    if (counter && counter->value > 0) is_other_ = true;
  }
  Outcome freshness = ReadFile(freshness_);
  for (int attempt = 0; attempt < kMostAttempts && !stop.requested(); ++attempt) {
    ReadSet(freshness, readings);
    const Outcome after = ReadFile(freshness_);
    const bool is_one = !freshness.counter || !after.counter || after.counter->value == freshness.counter->value;
    freshness = after;
    if (is_one) break;
  }
  const auto startup = ReadFile(startup_).counter;
  if (startup && startup->value != epoch_) is_other_ = has_restarted_ = true;
  if (!has_restarted_) return;
  for (auto& reading : readings) reading.Fail(ESTALE);
}

void PmCountersReader::ReadSet(const Outcome& freshness, std::span<Reading> readings) {
  for (size_t i = 0; i < files_.size() && i < readings.size(); ++i) {
    Reading& reading = readings[i];
    reading.before_ns = reading.after_ns = MonotonicNs();
    if (freshness.counter) ReadInto(files_[i], freshness.counter->value, reading);
    else reading.Fail(freshness.error_number);
  }
}

void PmCountersReader::ReadInto(File& file, uint64_t freshness, Reading& reading) {
  const Outcome outcome = ReadFile(file);
  reading.after_ns = MonotonicNs();
  if (!outcome.counter) return reading.Fail(outcome.error_number);
  const uint64_t mark = outcome.counter->stamp_us != 0 ? outcome.counter->stamp_us : freshness;
  if (file.since_ns == 0 || mark != file.mark) {
    file.mark = mark;
    file.since_ns = reading.after_ns;
  }
  if (reading.after_ns - file.since_ns > stale_ns_) return reading.Fail(ESTALE);
  reading.value = outcome.counter->value;
  reading.code = Code::kOk;
  reading.detail = 0;
}

void PmCountersReader::Close() noexcept {
  freshness_.fd.Reset();
  startup_.fd.Reset();
  for (auto& file : files_) file.fd.Reset();
  for (auto& file : idle_) file.fd.Reset();
}

}  // namespace wattledger
