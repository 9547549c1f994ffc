#include "ipmi/repository.h"

#include "ipmi/failure.h"
#include "ipmi/hex.h"

namespace wattledger::ipmi {
namespace {

// Asks and parses; a refusal that will not pass by itself means that the BMC has no such repository.
template <typename Parse>
Result<std::optional<RepositoryInfo>> AskInfo(Session& session, uint8_t netfn, Parse parse,
                                              const StopSignal& stop) {
  auto response = session.Ask({{}, netfn, 0x20, {}}, stop);
  if (!response.ok()) return response.error();
  auto info = parse(response.value());
  if (info.ok()) return std::optional(info.value());
  if (info.error().code == Code::kAbsent) return std::optional<RepositoryInfo>();
  return info.error();
}

}  // namespace

Result<RepositoryInfo> ParseMainInfo(ByteView response) {
  if (auto error = CheckResponse(response, 15)) return *error;
  return RepositoryInfo{Le16(response, 2), Hex(response.subspan(2, 2)) + Hex(response.subspan(6, 8))};
}

Result<RepositoryInfo> ParseDeviceInfo(ByteView response) {
  if (auto error = CheckResponse(response, 3)) return *error;
  const bool dynamic = (response[2] & 0x80) != 0;
  if (dynamic && response.size() < 7) return Malformed("no population change indicator");
  return RepositoryInfo{response[1], Hex(response.subspan(1, dynamic ? 6 : 2))};
}

Result<Repository> FindRepository(Session& session, const StopSignal& stop) {
  auto main = AskInfo(session, 0x0a, ParseMainInfo, stop);
  if (!main.ok()) return main.error();
  if (main.value() && main.value()->count > 0) {
    return Repository{Repository::Kind::kMain, "main-" + main.value()->stamp};
  }
  auto device = AskInfo(session, 0x04, ParseDeviceInfo, stop);
  if (!device.ok()) return device.error();
  if (device.value() && device.value()->count > 0) {
    return Repository{Repository::Kind::kDevice, "device-" + device.value()->stamp};
  }
  return Repository{};
}

}  // namespace wattledger::ipmi
