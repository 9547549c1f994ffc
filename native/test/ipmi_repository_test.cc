#include <gtest/gtest.h>

#include "ipmi/repository.h"
#include "ipmi_fake_bmc.h"

namespace wattledger::ipmi {
namespace {

// Serves records as a BMC does: whole only as far as `largest` goes, and only under the reservation last
// given.
struct RecordStore {
  std::vector<Bytes> records;
  size_t largest = 255;
  uint8_t length_code = kCannotReturnBytes;
  uint16_t reservation = 0;
  int cancel_after = -1;  // requests until somebody else reserves

  Result<Bytes> Reserve(const Request&) {
    ++reservation;
    return Bytes{0x00, static_cast<uint8_t>(reservation), static_cast<uint8_t>(reservation >> 8)};
  }
  Result<Bytes> Get(const Request& request) {
    if (cancel_after >= 0 && cancel_after-- == 0) ++reservation;
    if (Le16(request.data, 0) != reservation) return Bytes{kReservationLost};
    const size_t id = Le16(request.data, 2), offset = request.data[4], length = request.data[5];
    if (id >= records.size()) return Bytes{0xcb};
    if (length > largest || offset + length > records[id].size()) return Bytes{length_code};
    const uint16_t next = id + 1 < records.size() ? static_cast<uint16_t>(id + 1) : 0xffff;
    Bytes response{0x00, static_cast<uint8_t>(next), static_cast<uint8_t>(next >> 8)};
    response.insert(response.end(), records[id].begin() + offset, records[id].begin() + offset + length);
    return response;
  }
};

Bytes Record(uint8_t id, size_t body) {
  Bytes record{id, 0x00, 0x51, 0x01, static_cast<uint8_t>(body)};
  for (size_t i = 0; i < body; ++i) record.push_back(static_cast<uint8_t>(id * 16 + i));
  return record;
}

struct RepositoryTest : testing::Test {
  std::shared_ptr<FakeBmc> bmc = std::make_shared<FakeBmc>();
  Session session{std::make_unique<FakeTransport>(bmc), 1'000'000'000};
  StopSignal stop;
  RecordStore store{.records = {Record(0, 59), Record(1, 43), Record(2, 0), Record(3, 250)}};

  void SetUp() override {
    ASSERT_TRUE(session.Connect(stop).ok());
    Serve(0x0a, 0x23);
    Serve(0x04, 0x21);
  }
  void Serve(int netfn, int get) {
    bmc->handlers[{netfn, 0x22}] = [this](const Request& request) { return store.Reserve(request); };
    bmc->handlers[{netfn, get}] = [this](const Request& request) { return store.Get(request); };
  }
  void ExpectAllRecords(Repository::Kind kind = Repository::Kind::kMain) {
    const auto read = ReadRecords(session, kind, stop);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read.value(), store.records);
  }
};

TEST_F(RepositoryTest, ReadsRecordsInParts) { ExpectAllRecords(); }

TEST_F(RepositoryTest, ReadsDeviceRecords) {
  ExpectAllRecords(Repository::Kind::kDevice);
  EXPECT_EQ(bmc->Count(0x0a, 0x23), 0u);
}

TEST_F(RepositoryTest, AsksForLessWhenTheBmcCannotReturnAsMuch) {
  for (const uint8_t code : {kCannotReturnBytes, kUnspecified, kLengthExceeded}) {
    store.largest = 5;
    store.length_code = code;
    ExpectAllRecords();
  }
}

TEST_F(RepositoryTest, GivesUpOnABmcThatReturnsNothing) {
  store.largest = 0;
  const auto read = ReadRecords(session, Repository::Kind::kMain, stop);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().detail, kCannotReturnBytes);
  EXPECT_LT(bmc->seen.size(), 10u);
}

TEST_F(RepositoryTest, ReservesAnewAndBeginsTheRecordAgain) {
  for (int after = 0; after < 30; ++after) {
    store.cancel_after = after;
    ExpectAllRecords();
  }
}

TEST_F(RepositoryTest, GivesUpWhenReservationsNeverHold) {
  bmc->handlers[{0x0a, 0x23}] = [](const Request&) { return Result<Bytes>(Bytes{kReservationLost}); };
  EXPECT_EQ(ReadRecords(session, Repository::Kind::kMain, stop).error().detail, kReservationLost);
}

TEST_F(RepositoryTest, LeavesACircle) {
  bmc->handlers[{0x0a, 0x23}] = [](const Request& request) {
    Bytes response{0x00, 0x01, 0x00};
    response.resize(3 + request.data[5], 0);
    return Result<Bytes>(response);
  };
  EXPECT_EQ(ReadRecords(session, Repository::Kind::kMain, stop).error().code, Code::kCorrupt);
}

TEST_F(RepositoryTest, PrefersTheRepositoryAndFallsBackToDeviceRecords) {
  Bytes main(15, 0);
  main[2] = 4;
  bmc->Answer(0x0a, 0x20, main);
  bmc->Answer(0x04, 0x20, {0x00, 0x09, 0x01});
  EXPECT_EQ(FindRepository(session, stop).value().kind, Repository::Kind::kMain);
  main[2] = 0;
  bmc->Answer(0x0a, 0x20, main);
  EXPECT_EQ(FindRepository(session, stop).value().kind, Repository::Kind::kDevice);
  EXPECT_EQ(FindRepository(session, stop).value().stamp, "device-0901");
  bmc->Answer(0x0a, 0x20, {0xc1});
  EXPECT_EQ(FindRepository(session, stop).value().kind, Repository::Kind::kDevice);
  bmc->Answer(0x04, 0x20, {0xc1});
  EXPECT_EQ(FindRepository(session, stop).value().kind, Repository::Kind::kNone);
  EXPECT_TRUE(FindRepository(session, stop).value().stamp.empty());
}

TEST_F(RepositoryTest, DoesNotTakeABusyBmcForOneWithoutRecords) {
  bmc->Answer(0x0a, 0x20, {kNodeBusy});
  EXPECT_EQ(FindRepository(session, stop).error().code, Code::kTransient);
}

}  // namespace
}  // namespace wattledger::ipmi
