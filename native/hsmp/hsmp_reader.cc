#include "hsmp/hsmp_reader.h"

#include <cerrno>
#include <cstring>

#include "core/clock.h"

namespace wattledger {
namespace {

// MAX_AMD_SOCKETS of drivers/platform/x86/amd/hsmp is 8.
constexpr uint16_t kMostSockets = 8;

// Firmware that is busy tells later what it does not tell now: a socket or a counter must not be taken for one that is not
// there.
bool IsPassing(const Result<uint64_t>& answer) {
  if (answer.ok()) return false;
  const int detail = answer.error().detail;
  return detail == ETIMEDOUT || detail == EAGAIN || detail == EBUSY || detail == EINTR || detail == ECANCELED;
}

}  // namespace

Result<std::vector<ChannelInfo>> HsmpReader::Open(const StopSignal& stop) {
  std::vector<ChannelInfo> infos;
  Error first{Code::kAbsent, 0, "no socket answers"};
  for (uint16_t socket = 0; socket < kMostSockets && !stop.requested(); ++socket) {
    const auto power = Ask(HsmpQuestion::kSocketPower, socket, stop);
    if (IsPassing(power)) return power.error();
    if (!power.ok() && socket == 0) first = power.error();
    if (!power.ok()) break;
    if (const auto passing = TakeSocket(socket, power.value(), stop, infos)) return *passing;
  }
  if (infos.empty()) return first;
  return infos;
}

std::optional<Error> HsmpReader::TakeSocket(uint16_t socket, uint64_t power_mw, const StopSignal& stop,
                                            std::vector<ChannelInfo>& infos) {
  std::map<std::string, std::string> attributes = {{"socket", std::to_string(socket)}};
  const auto tell = [&](const char* key, const Result<uint64_t>& answer) {
    if (answer.ok()) attributes[key] = std::to_string(answer.value());
  };
  tell("protocol", Ask(HsmpQuestion::kProtocol, socket, stop));
  tell("mostMw", Ask(HsmpQuestion::kSocketPowerMost, socket, stop));
  const auto add = [&](HsmpQuestion question, const char* quantity, uint64_t value) {
    channels_.push_back({question, socket});
    infos.push_back({std::to_string(socket), attributes});
    infos.back().attributes["quantity"] = quantity;
    infos.back().attributes["value"] = std::to_string(value);
  };
  add(HsmpQuestion::kSocketPower, "power", power_mw);
  const auto unit = Ask(HsmpQuestion::kEnergyUnit, socket, stop);
  const auto energy = unit.ok() ? Ask(HsmpQuestion::kPackageEnergy, socket, stop) : unit;
  if (IsPassing(energy)) return energy.error();
  if (!energy.ok()) return std::nullopt;
  tell("unit", unit);
  add(HsmpQuestion::kPackageEnergy, "energy", energy.value());
  return std::nullopt;
}

void HsmpReader::Read(std::span<Reading> readings, const StopSignal& stop) {
  for (size_t i = 0; i < channels_.size() && !stop.requested(); ++i) {
    Reading& reading = readings[i];
    reading.before_ns = MonotonicNs();
    const auto answer = Ask(channels_[i].question, channels_[i].socket, stop);
    reading.after_ns = MonotonicNs();
    reading.code = answer.ok() ? Code::kOk : answer.error().code;
    reading.detail = answer.ok() ? 0 : answer.error().detail;
    if (answer.ok()) reading.value = answer.value();
  }
}

Result<uint64_t> HsmpReader::Ask(HsmpQuestion question, uint16_t socket, const StopSignal& stop) {
  HsmpMessage message = HsmpMessageOf(question, socket);
  const int error_number = port_->Ask(message, stop);
  if (error_number != 0) return Error{CodeOfErrno(error_number), error_number, std::strerror(error_number)};
  const uint64_t high = message.response_count > 1 ? message.arguments[1] : 0;
  return high << 32 | message.arguments[0];
}

}  // namespace wattledger
