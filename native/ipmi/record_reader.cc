#include <algorithm>
#include <set>

#include "ipmi/failure.h"
#include "ipmi/repository.h"

namespace wattledger::ipmi {
namespace {

constexpr uint16_t kFirstId = 0x0000;
constexpr uint16_t kLastId = 0xffff;
constexpr size_t kHeader = 5;         // record id, version, type, length of the rest
constexpr size_t kLargestChunk = 16;  // what every BMC answers; many refuse whole records
constexpr size_t kSmallestChunk = 4;
constexpr size_t kMostRecords = 4096;  // a chain longer than this is no repository
constexpr int kMostReservations =
    16;  // somebody who changes the records at this pace does not let us read them

bool IsAboutLength(int detail) {
  return detail == kCannotReturnBytes || detail == kUnspecified || detail == kLengthExceeded ||
         detail == kTruncated;
}

class RecordReader {
 public:
  RecordReader(Session& session, Repository::Kind kind, const StopSignal& stop)
      : session_(session),
        netfn_(kind == Repository::Kind::kMain ? 0x0a : 0x04),
        get_(kind == Repository::Kind::kMain ? 0x23 : 0x21),
        stop_(stop) {}

  Result<std::vector<Bytes>> ReadAll() {
    std::vector<Bytes> records;
    std::set<uint16_t> seen;
    if (auto error = Reserve()) return *error;
    for (uint16_t id = kFirstId; id != kLastId;) {
      if (!seen.insert(id).second || seen.size() > kMostRecords) return Malformed("SDR records in a circle");
      auto record = ReadRecord(id);
      if (!record.ok()) return record.error();
      records.push_back(std::move(record.value()));
      id = next_id_;
    }
    return records;
  }

 private:
  std::optional<Error> Reserve() {
    if (++reservations_ > kMostReservations) return Refusal(kReservationLost);
    auto response = session_.Ask({{}, netfn_, 0x22, {}}, stop_);
    if (!response.ok()) return response.error();
    if (auto error = CheckResponse(response.value(), 3)) return error;
    reservation_ = Le16(response.value(), 1);
    return std::nullopt;
  }

  // Reads the record again from its beginning whenever the reservation was lost in the midst of it.
  Result<Bytes> ReadRecord(uint16_t id) {
    for (;;) {
      auto record = TryRecord(id);
      if (record.ok() || record.error().detail != kReservationLost) return record;
      if (auto error = Reserve()) return *error;
    }
  }

  Result<Bytes> TryRecord(uint16_t id) {
    Bytes record;
    if (auto error = ReadUntil(id, record, kHeader)) return *error;
    const uint16_t next_id = next_id_;
    if (auto error = ReadUntil(id, record, kHeader + record[4])) return *error;
    next_id_ = next_id;
    return record;
  }

  std::optional<Error> ReadUntil(uint16_t id, Bytes& record, size_t size) {
    while (record.size() < size) {
      const size_t asked = std::min(size - record.size(), chunk_);
      auto response = session_.Ask(Get(id, record.size(), asked), stop_);
      if (!response.ok()) return response.error();
      const auto fragment = ParseSdrFragment(response.value(), asked);
      if (fragment.ok()) {
        const ByteView data = fragment.value().data;
        record.insert(record.end(), data.begin(), data.end());
        next_id_ = fragment.value().next_id;
      } else if (IsAboutLength(fragment.error().detail) && asked > kSmallestChunk) {
        chunk_ = std::max(asked / 2, kSmallestChunk);
      } else {
        return fragment.error();
      }
    }
    return std::nullopt;
  }

  Request Get(uint16_t id, size_t offset, size_t length) const {
    const auto low = [](uint16_t word) { return static_cast<uint8_t>(word); };
    const auto high = [](uint16_t word) { return static_cast<uint8_t>(word >> 8); };
    return {{},
            netfn_,
            get_,
            {low(reservation_), high(reservation_), low(id), high(id), static_cast<uint8_t>(offset),
             static_cast<uint8_t>(length)}};
  }

  Session& session_;
  uint8_t netfn_;
  uint8_t get_;
  const StopSignal& stop_;
  uint16_t reservation_ = 0;
  uint16_t next_id_ = kLastId;
  size_t chunk_ = kLargestChunk;
  int reservations_ = 0;
};

}  // namespace

Result<SdrFragment> ParseSdrFragment(ByteView response, size_t asked) {
  if (auto error = CheckResponse(response, 4)) return *error;
  if (response.size() - 3 > asked) return Malformed("more of the record than was asked for");
  return SdrFragment{Le16(response, 1), response.subspan(3)};
}

Result<std::vector<Bytes>> ReadRecords(Session& session, Repository::Kind kind, const StopSignal& stop) {
  if (kind == Repository::Kind::kNone) return std::vector<Bytes>();
  return RecordReader(session, kind, stop).ReadAll();
}

}  // namespace wattledger::ipmi
