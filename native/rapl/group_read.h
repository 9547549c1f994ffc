#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wattledger {

// Words of a group read of `events` events with PERF_FORMAT_GROUP | PERF_FORMAT_ID: {nr, {value, id} * nr}
// (perf_event_open(2), "Reading results").
constexpr size_t GroupReadWords(size_t events) { return 1 + 2 * events; }

// Takes the values of the events `ids` out of a group read, whatever their order. False, and `values` left as
// they were, when the text of the kernel is not exactly about these events. `values` is as long as `ids`.
bool ParseGroupRead(std::span<const uint64_t> words, std::span<const uint64_t> ids,
                    std::span<uint64_t> values);

}  // namespace wattledger
