#include "nvml/nvml_reader.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "core/poller.h"
#include "nvml_machine.h"

namespace wattledger {
namespace {

constexpr int64_t kHour = 3'600'000'000'000;

class NvmlReaderTest : public testing::Test {
 protected:
  NvmlOptions Options(int64_t recover_after_ns = 0) const {
    return {machine_.library(),
            {NvmlSource::kEnergy, NvmlSource::kInstant, NvmlSource::kAverage, NvmlSource::kModuleInstant,
             NvmlSource::kUsage},
            recover_after_ns,
            {}};
  }
  static std::vector<Reading> Read(Reader& reader, size_t width, const StopSignal& stop) {
    std::vector<Reading> readings(width);
    reader.Read(readings, stop);
    return readings;
  }

  NvmlMachine machine_;
  StopSignal stop_;
};

TEST_F(NvmlReaderTest, ReadsEachGpuByTheFirstSourceThatItDoesNotRefuse) {
  machine_.Control({"gpus 3", "gpu 0 energy-mj 5", "gpu 1 fails nvmlDeviceGetTotalEnergyConsumption 3",
                    "gpu 1 power-mw 77", "gpu 2 fails nvmlDeviceGetHandleByIndex_v2 4"});
  NvmlReader reader(Options());
  const auto opened = reader.Open(stop_);
  ASSERT_TRUE(opened.ok());
  ASSERT_EQ(opened.value().size(), 2u);
  const auto& first = opened.value()[0].attributes;
  const auto& second = opened.value()[1].attributes;
  EXPECT_EQ(opened.value()[0].id, "GPU-00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(first.at("source"), "energy");
  EXPECT_EQ(first.at("pciAddress"), "0000:17:00.0");
  EXPECT_EQ(first.at("leftOut"), "2:4");
  EXPECT_EQ(first.at("answer.module-instant"), "3");
  EXPECT_FALSE(first.contains("serial"));
  EXPECT_EQ(second.at("source"), "instant");
  EXPECT_EQ(second.at("answer.energy"), "3");
  const auto readings = Read(reader, 2, stop_);
  EXPECT_EQ(readings[0].value, 5u);
  EXPECT_EQ(readings[1].value, 77u);
  EXPECT_LE(readings[0].after_ns, readings[1].before_ns);
  EXPECT_FALSE(reader.Outdated());
  reader.Close();
  reader.Close();
  EXPECT_EQ(machine_.Log(), "nvmlInit_v2\nnvmlShutdown\n");
}

TEST_F(NvmlReaderTest, ACounterIsFollowedByThePowersThatItIsWatchedBeside) {
  machine_.Control({"gpus 3", "gpu * power-mw 77", "gpu 1 fails nvmlDeviceGetTotalEnergyConsumption 3",
                    "gpu 2 field 185 0 3 1 0", "gpu 2 scope 1 500 400"});
  auto options = Options();
  options.witnesses = {{NvmlSource::kAverage, NvmlSource::kUsage},
                       {NvmlSource::kModuleAverage, NvmlSource::kModuleInstant}};
  NvmlReader reader(options);
  const auto opened = reader.Open(stop_);
  ASSERT_TRUE(opened.ok());
  std::vector<std::string> sources;
  for (const auto& [id, attributes] : opened.value()) {
    sources.push_back(id.substr(id.size() - 1) + " " + attributes.at("source"));
    EXPECT_EQ(attributes.contains("witness"), attributes.at("source") != "energy" && id.back() != '1');
  }
  const std::vector<std::string> expected = {"0 energy",  "0 average", "1 instant",
                                             "2 energy", "2 usage",   "2 module-average"};
  EXPECT_EQ(sources, expected);
  const auto readings = Read(reader, 6, stop_);
  EXPECT_EQ(readings[1].value, 77u);
  EXPECT_EQ(readings[5].value, 400u);
  // A witness that is refused costs the counter nothing and the reader no new opening.
  machine_.Control({"gpus 3", "gpu * power-mw 77", "gpu 1 fails nvmlDeviceGetTotalEnergyConsumption 3",
                    "gpu 0 field 185 0 3 1 0"});
  EXPECT_EQ(Read(reader, 6, stop_)[1].detail, kNvmlNotSupported);
  EXPECT_FALSE(reader.Outdated());
}

TEST_F(NvmlReaderTest, ACounterThatIsDistrustedIsNotAskedAndALostGpuKeepsItsWitness) {
  const std::string first = "GPU-00000000-0000-4000-8000-000000000000";
  machine_.Control({"gpus 2", "gpu * power-mw 77"});
  auto options = Options();
  options.witnesses = {{NvmlSource::kAverage}};
  options.distrusted = {first};
  NvmlReader reader(options);
  const auto opened = reader.Open(stop_);
  ASSERT_TRUE(opened.ok());
  ASSERT_EQ(opened.value().size(), 3u);
  EXPECT_EQ(opened.value()[0].attributes.at("source"), "instant");
  EXPECT_EQ(opened.value()[1].attributes.at("source"), "energy");
  reader.Close();

  machine_.Control({"gpus 2", "gpu 0 lost"});
  options.distrusted = {};
  options.known = {{first, NvmlSource::kEnergy, {NvmlSource::kAverage}}};
  NvmlReader next(options);
  const auto again = next.Open(stop_);
  ASSERT_TRUE(again.ok());
  ASSERT_EQ(again.value().size(), 4u);
  EXPECT_EQ(again.value()[1].attributes.at("witness"), "1");
  EXPECT_EQ(Read(next, 4, stop_)[1].detail, kNvmlGpuNotFound);
  machine_.Control({"gpus 2", "gpu * power-mw 77"});
  const auto back = Read(next, 4, stop_);
  EXPECT_EQ(back[0].code, Code::kOk);
  EXPECT_EQ(back[1].value, 77u);
}

TEST_F(NvmlReaderTest, AGpuWithoutAMeterIsReadByWhatItTells) {
  machine_.Control({"gpus 2", "gpu 0 utilization 42", "gpu * fails nvmlDeviceGetTotalEnergyConsumption 3",
                    "gpu * fails nvmlDeviceGetFieldValues 3", "gpu * fails nvmlDeviceGetPowerUsage 3",
                    "gpu 1 fails nvmlDeviceGetUtilizationRates 3"});
  NvmlOptions options = Options();
  options.preference.insert(options.preference.end(), {NvmlSource::kUtilization, NvmlSource::kPresence});
  NvmlReader reader(options);
  const auto opened = reader.Open(stop_);
  ASSERT_EQ(opened.value().size(), 2u);
  EXPECT_EQ(opened.value()[0].attributes.at("source"), "utilization");
  EXPECT_EQ(opened.value()[1].attributes.at("source"), "presence");
  EXPECT_EQ(opened.value()[1].attributes.at("index"), "1");
  const auto readings = Read(reader, 2, stop_);
  EXPECT_EQ(readings[0].value, 42u);
  EXPECT_EQ(readings[1].value, 0u);
  EXPECT_EQ(readings[1].code, Code::kOk);
}

TEST_F(NvmlReaderTest, AKnownGpuThatIsLostStaysUntilItIsNoLongerCounted) {
  const std::string lost = "GPU-00000000-0000-4000-8000-000000000001";
  machine_.Control({"gpus 2", "gpu 1 lost"});
  NvmlOptions options = Options();
  options.known = {{"GPU-00000000-0000-4000-8000-000000000000", NvmlSource::kEnergy},
                   {lost, NvmlSource::kUsage}};
  NvmlReader reader(options);
  const auto opened = reader.Open(stop_);
  ASSERT_EQ(opened.value().size(), 2u);
  EXPECT_EQ(opened.value()[1].id, lost);
  EXPECT_EQ(opened.value()[1].attributes.size(), 1u);
  EXPECT_EQ(opened.value()[1].attributes.at("source"), "usage");
  EXPECT_EQ(Read(reader, 2, stop_)[1].detail, kNvmlGpuNotFound);
  machine_.Control({"gpus 2", "gpu 1 power-mw 9"});
  Read(reader, 2, stop_);
  EXPECT_EQ(Read(reader, 2, stop_)[1].value, 9u);
  EXPECT_FALSE(reader.Outdated());
  machine_.Control({"gpus 1", "reload 1"});
  Read(reader, 2, stop_);
  Read(reader, 2, stop_);
  EXPECT_TRUE(reader.Outdated());
}

TEST_F(NvmlReaderTest, ReportsWhyItCannotOpen) {
  NvmlReader missing({"libnvidia-ml.so.none", {}, 0, {}});
  EXPECT_EQ(missing.Open(stop_).error().detail, kNvmlLibraryNotFound);
  machine_.Control({"fails nvmlInit_v2 18"});
  NvmlReader mismatched(Options());
  EXPECT_EQ(mismatched.Open(stop_).error().detail, kNvmlLibRmVersionMismatch);
  machine_.Control({"fails nvmlDeviceGetCount_v2 999"});
  NvmlReader uncounted(Options());
  EXPECT_EQ(uncounted.Open(stop_).error().detail, kNvmlUnknown);
  uncounted.Close();
  machine_.Control({"gpu * fails nvmlDeviceGetHandleByIndex_v2 4"});
  NvmlReader denied(Options());
  EXPECT_EQ(denied.Open(stop_).error().code, Code::kPermission);
  denied.Close();
  EXPECT_EQ(machine_.Log(), "nvmlInit_v2\nnvmlShutdown\nnvmlInit_v2\nnvmlShutdown\n");
}

TEST_F(NvmlReaderTest, BeginsANewSessionForWhatIsLostAndKeepsTheOrder) {
  NvmlReader reader(Options());
  ASSERT_TRUE(reader.Open(stop_).ok());
  machine_.Control({"gpu 0 lost", "gpu 1 energy-mj 9"});
  auto readings = Read(reader, 2, stop_);
  EXPECT_EQ(readings[0].code, Code::kAbsent);
  EXPECT_EQ(readings[0].detail, kNvmlGpuIsLost);
  EXPECT_EQ(readings[1].value, 9u);
  machine_.Control({"reload 1", "fails nvmlInit_v2 9"});
  readings = Read(reader, 2, stop_);
  EXPECT_EQ(readings[1].detail, kNvmlDriverNotLoaded);
  machine_.Control({"reload 1", "gpus 3", "gpu 0 uuid GPU-00000000-0000-4000-8000-000000000001",
                    "gpu 1 uuid GPU-00000000-0000-4000-8000-000000000000", "gpu 0 energy-mj 1",
                    "gpu 1 energy-mj 2"});
  readings = Read(reader, 2, stop_);
  EXPECT_EQ(readings[0].value, 2u);
  EXPECT_EQ(readings[1].value, 1u);
  EXPECT_TRUE(reader.Outdated());
}

TEST_F(NvmlReaderTest, WaitsBeforeItRecovers) {
  NvmlReader reader(Options(kHour));
  ASSERT_TRUE(reader.Open(stop_).ok());
  machine_.Control({"gpu 0 lost"});
  Read(reader, 2, stop_);
  machine_.Control({});
  EXPECT_EQ(Read(reader, 2, stop_)[0].detail, kNvmlGpuIsLost);
  EXPECT_EQ(machine_.Log(), "nvmlInit_v2\n");
}

TEST_F(NvmlReaderTest, OpensReadsAndClosesOnThePollersThread) {
  machine_.Control({"gpus 8", "gpu * step-mj 1"});
  {
    Poller poller(std::make_unique<NvmlReader>(Options()), {.interval_ns = 100'000, .capacity = 16}, [] {});
    poller.Start();
    while (poller.state().sweeps < 50) poll(nullptr, 0, 1);
    EXPECT_EQ(poller.channels().size(), 8u);
    EXPECT_TRUE(poller.Stop(10'000'000'000));
    const auto readings = poller.Drain();
    ASSERT_EQ(readings.size(), 8u * 16);
    // All but the last sweep, which the stop may have cut short.
    const uint64_t first = readings[0].value;
    for (size_t i = 0; i < 8u * 15; ++i) {
      EXPECT_EQ(readings[i].code, Code::kOk);
      EXPECT_EQ(readings[i].value, first + i / 8);
    }
  }
  EXPECT_EQ(machine_.Log(), "nvmlInit_v2\nnvmlShutdown\n");
}

TEST_F(NvmlReaderTest, AHungCallHoldsUpNobodyAndIsCleanedUpAfter) {
  for (const std::string function : {"nvmlInit_v2", "nvmlDeviceGetTotalEnergyConsumption"}) {
    const std::string hang = "hang " + function;
    const bool in_read = function != "nvmlInit_v2";
    if (!in_read) machine_.Control({hang.c_str()});
    auto poller = std::make_unique<Poller>(std::make_unique<NvmlReader>(Options()), PollerOptions{}, [] {});
    poller->Start();
    while (in_read && poller->state().sweeps == 0) poll(nullptr, 0, 1);
    machine_.Control({hang.c_str()});
    poller->ReadNow();
    while (!machine_.Log().ends_with(hang + "\n")) poll(nullptr, 0, 1);
    EXPECT_GT(poller->state().in_flight_since_ns, 0);
    EXPECT_FALSE(poller->Stop(1'000'000));
    poller.reset();
    machine_.Control({});
    while (!machine_.Log().ends_with("nvmlShutdown\n")) poll(nullptr, 0, 1);
  }
}

}  // namespace
}  // namespace wattledger
