#include "nvml/nvml_use_reader.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <thread>

#include "core/poller.h"
#include "nvml/nvml_reader.h"
#include "nvml_machine.h"

namespace wattledger {
namespace {

constexpr int64_t kHour = 3'600'000'000'000;

class NvmlUseReaderTest : public testing::Test {
 protected:
  NvmlUseOptions Options(int64_t recover_after_ns = 0) const {
    return {machine_.library(), recover_after_ns, box_};
  }
  // Sweeps once, and gives what that saw of the GPUs.
  std::vector<NvmlDeviceUse> Sweep(NvmlUseReader& reader) {
    std::vector<Reading> readings(1);
    reader.Read(readings, stop_);
    last_ = readings[0];
    auto frames = box_->Take();
    EXPECT_LE(frames.size(), 1u);
    return frames.empty() ? std::vector<NvmlDeviceUse>{} : frames[0].devices;
  }

  static NvmlDeviceUse GpuAt(int64_t at_ns, uint64_t percent) {
    NvmlDeviceUse use;
    use.before_ns = use.after_ns = at_ns;
    use.percent = percent;
    return use;
  }

  NvmlMachine machine_;
  StopSignal stop_;
  std::shared_ptr<NvmlUseBox> box_ = std::make_shared<NvmlUseBox>(3);
  Reading last_;
};

TEST_F(NvmlUseReaderTest, ListsWhoHasAGpuOpenAndHowBusyTheyKeptIt) {
  machine_.Control({"gpus 2", "gpu 0 process 70 compute 1000", "gpu 0 process 71 graphics -", "gpu 0 process 72 mps 3",
                    "gpu 0 sample 70 500 40", "gpu 0 utilization 44", "gpu 0 minor 5"});
  NvmlUseReader reader(Options());
  ASSERT_TRUE(reader.Open(stop_).ok());
  const auto devices = Sweep(reader);
  ASSERT_EQ(devices.size(), 2u);
  const auto& one = devices[0];
  EXPECT_EQ(one.uuid, "GPU-00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(one.pci_address, "0000:17:00.0");
  EXPECT_LE(one.before_ns, one.after_ns);
  ASSERT_EQ(one.processes.size(), 3u);
  EXPECT_EQ(one.processes[0].pid, 70u);
  EXPECT_EQ(one.processes[0].memory_bytes, 1000u);
  EXPECT_EQ(one.processes[0].gpu_instance, kNvmlUntold);
  EXPECT_EQ(one.processes[1].kind, NvmlProcess::kGraphics);
  EXPECT_EQ(one.processes[1].memory_bytes, kNvmlUntold);
  EXPECT_EQ(one.processes[2].kind, NvmlProcess::kMps);
  ASSERT_EQ(one.samples.size(), 1u);
  EXPECT_EQ(one.samples[0].pid, 70u);
  EXPECT_EQ(one.samples[0].at_us, 500u);
  EXPECT_EQ(one.samples[0].percent, 40u);
  EXPECT_EQ(one.percent, 44u);
  EXPECT_EQ(one.minor, 5u);
  EXPECT_EQ(one.mig, 0u);
  EXPECT_EQ(one.c2c, kNvmlUntold);
  EXPECT_EQ(devices[1].processes_return, kNvmlSuccess);
  EXPECT_EQ(devices[1].samples_return, kNvmlNotFound);
  EXPECT_EQ(last_.value, 1u);
}

TEST_F(NvmlUseReaderTest, AsksOnlyForSamplesAfterThoseItHasSeen) {
  machine_.Control({"gpus 1", "gpu 0 sample 70 500 40", "gpu 0 sample 71 900 10"});
  NvmlUseReader reader(Options());
  ASSERT_TRUE(reader.Open(stop_).ok());
  EXPECT_EQ(Sweep(reader)[0].since_us, 0u);
  machine_.Control({"gpus 1", "gpu 0 sample 70 500 40", "gpu 0 sample 71 900 10", "gpu 0 sample 70 1500 60",
                    "gpu 0 sample 9 9999999 101"});
  const auto second = Sweep(reader)[0];
  EXPECT_EQ(second.since_us, 900u);
  ASSERT_EQ(second.samples.size(), 2u);
  EXPECT_EQ(second.samples[0].percent, 60u);
  EXPECT_EQ(Sweep(reader)[0].since_us, 1500u) << "the time of a sample that cannot be is no time";
}

TEST_F(NvmlUseReaderTest, IsUrgentWhenAProcessIsNamedThatWasNotBefore) {
  machine_.Control({"gpus 2"});
  NvmlUseReader reader(Options());
  ASSERT_TRUE(reader.Open(stop_).ok());
  const auto is_urgent_with = [&](std::initializer_list<const char*> control) {
    machine_.Control(control);
    Sweep(reader);
    return reader.IsUrgent();
  };
  EXPECT_FALSE(is_urgent_with({"gpus 2"}));
  EXPECT_TRUE(is_urgent_with({"gpus 2", "gpu 1 process 70 compute 1"}));
  EXPECT_FALSE(is_urgent_with({"gpus 2", "gpu 1 process 70 compute 1"}));
  EXPECT_FALSE(is_urgent_with({"gpus 2", "gpu 0 process 70 graphics 1"})) << "the same on another GPU";
  EXPECT_TRUE(is_urgent_with({"gpus 2", "gpu 0 process 70 compute 1", "gpu 0 sample 71 5 50"}));
  EXPECT_FALSE(is_urgent_with({"gpus 2"}));
  EXPECT_TRUE(is_urgent_with({"gpus 2", "gpu 0 process 70 compute 1"})) << "the number may be another's by now";
  EXPECT_FALSE(is_urgent_with({"fails nvmlInit_v2 9"}));
}

TEST_F(NvmlUseReaderTest, MakesRoomForAsManyAsThereAreAlsoWhenMoreComeMeanwhile) {
  machine_.Control({"gpus 1", "gpu 0 crowd 300", "gpu 0 surge 400"});
  NvmlUseReader reader(Options());
  ASSERT_TRUE(reader.Open(stop_).ok());
  const auto one = Sweep(reader)[0];
  EXPECT_EQ(one.processes_return, kNvmlSuccess);
  EXPECT_EQ(one.processes.size(), 1900u);
  EXPECT_EQ(one.processes.back().pid, 1'001'899u);
  machine_.Control({"gpus 1", "gpu 0 crowd 100000"});
  const auto other = Sweep(reader)[0];
  EXPECT_EQ(other.processes_return, kNvmlInsufficientSize);
  EXPECT_TRUE(other.processes.empty());
}

TEST_F(NvmlUseReaderTest, HasRoomForTheWidestProcesses) {
  machine_.Control({"gpus 1", "gpu 0 wide-processes 1", "gpu 0 crowd 64"});
  NvmlUseReader reader(Options());
  ASSERT_TRUE(reader.Open(stop_).ok());
  EXPECT_EQ(Sweep(reader)[0].processes.size(), 64u);
}

TEST_F(NvmlUseReaderTest, ListsTheProcessesOfEachInstanceOfMig) {
  machine_.Control({"gpus 1", "gpu 0 mig 2", "gpu 0 instance 1 2 20480", "gpu 0 process 70 compute 1 0",
                    "gpu 0 process 71 compute 2 1", "gpu 0 process 72 graphics 3 1"});
  NvmlUseReader reader(Options());
  ASSERT_TRUE(reader.Open(stop_).ok());
  const auto one = Sweep(reader)[0];
  EXPECT_EQ(one.mig, 1u);
  EXPECT_EQ(one.board_slices, 7u);
  EXPECT_EQ(one.processes_return, kNvmlSuccess);
  EXPECT_EQ(one.samples_return, kNvmlNotSupported);
  EXPECT_EQ(one.percent, kNvmlUntold);
  ASSERT_EQ(one.instances.size(), 2u);
  EXPECT_EQ(one.instances[0].slices, 1u);
  EXPECT_EQ(one.instances[1].slices, 2u);
  EXPECT_EQ(one.instances[1].memory_mb, 20480u);
  EXPECT_NE(one.instances[0].uuid, one.instances[1].uuid);
  ASSERT_EQ(one.processes.size(), 3u);
  EXPECT_EQ(one.processes[0].gpu_instance, 1u);
  EXPECT_EQ(one.processes[1].gpu_instance, 2u);
  EXPECT_EQ(one.processes[2].compute_instance, 0u);
}

TEST_F(NvmlUseReaderTest, AFunctionThatIsRefusedCostsNoOther) {
  machine_.Control({"gpus 2", "gpu * process 70 compute 1", "gpu * sample 70 5 50",
                    "gpu 0 fails nvmlDeviceGetComputeRunningProcesses_v3 4", "gpu 0 fails nvmlDeviceGetMinorNumber 3",
                    "gpu 1 fails nvmlDeviceGetProcessUtilization 3",
                    "gpu 1 fails nvmlDeviceGetMPSComputeRunningProcesses_v3 13"});
  NvmlUseReader reader(Options());
  ASSERT_TRUE(reader.Open(stop_).ok());
  const auto devices = Sweep(reader);
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_EQ(devices[0].processes_return, kNvmlNoPermission);
  EXPECT_EQ(devices[0].minor, kNvmlUntold);
  EXPECT_EQ(devices[0].samples.size(), 1u);
  EXPECT_EQ(devices[1].processes.size(), 1u);
  EXPECT_EQ(devices[1].samples_return, kNvmlSuccess) << "the newer function tells what the older refuses";
  ASSERT_EQ(devices[1].samples.size(), 1u);
  EXPECT_EQ(devices[1].samples[0].percent, 50u);
}

TEST_F(NvmlUseReaderTest, ReportsWhyItCannotOpen) {
  NvmlUseReader missing({"libnvidia-ml.so.none", 0, box_});
  EXPECT_EQ(missing.Open(stop_).error().detail, kNvmlLibraryNotFound);
  machine_.Control({"fails nvmlInit_v2 9"});
  NvmlUseReader unloaded(Options());
  EXPECT_EQ(unloaded.Open(stop_).error().detail, kNvmlDriverNotLoaded);
}

TEST_F(NvmlUseReaderTest, HoldsNoSessionBetweenSweepsSoThatTheOtherReaderCanBeginAnew) {
  NvmlUseReader reader(Options());
  NvmlReader energy({machine_.library(), {NvmlSource::kEnergy}, 0, {}});
  ASSERT_TRUE(reader.Open(stop_).ok());
  EXPECT_EQ(machine_.Log(), "nvmlInit_v2\nnvmlShutdown\n");
  ASSERT_TRUE(energy.Open(stop_).ok());
  EXPECT_EQ(Sweep(reader).size(), 2u);
  machine_.Control({"gpus 2", "gpu 1 lost"});
  EXPECT_EQ(Sweep(reader).size(), 1u);
  std::vector<Reading> readings(2);
  energy.Read(readings, stop_);
  EXPECT_EQ(readings[1].code, Code::kAbsent);
  machine_.Control({"gpus 2"});
  EXPECT_EQ(Sweep(reader).size(), 1u) << "lost for the session in which that happened: only a true nvmlInit helps";
  energy.Read(readings, stop_);
  EXPECT_EQ(readings[1].code, Code::kOk);
  EXPECT_EQ(Sweep(reader).size(), 2u);
  energy.Close();
}

TEST_F(NvmlUseReaderTest, RestsLongerThanItTookToBegin) {
  NvmlUseReader reader(Options(kHour));
  ASSERT_TRUE(reader.Open(stop_).ok());
  machine_.Control({"gpus 2", "hang nvmlInit_v2"});
  std::thread release([&] {
    while (machine_.Log().find("hang") == std::string::npos) poll(nullptr, 0, 1);
    poll(nullptr, 0, 50);
    machine_.Control({"gpus 2"});
  });
  EXPECT_EQ(Sweep(reader).size(), 2u);
  release.join();
  EXPECT_EQ(Sweep(reader).size(), 0u);
  EXPECT_EQ(last_.code, Code::kTransient);
}

TEST_F(NvmlUseReaderTest, WaitsBeforeItAsksADeadDriverAgain) {
  NvmlUseReader reader(Options(kHour));
  ASSERT_TRUE(reader.Open(stop_).ok());
  machine_.Control({"fails nvmlInit_v2 9"});
  EXPECT_EQ(Sweep(reader).size(), 0u);
  EXPECT_EQ(last_.detail, kNvmlDriverNotLoaded);
  machine_.Control({"gpus 2"});
  EXPECT_EQ(Sweep(reader).size(), 0u);
  EXPECT_EQ(last_.detail, 0);
}

TEST_F(NvmlUseReaderTest, ADriverThatIsGoneComesBack) {
  NvmlUseReader reader(Options());
  ASSERT_TRUE(reader.Open(stop_).ok());
  machine_.Control({"gpus 2", "reload 1", "fails nvmlInit_v2 9"});
  EXPECT_EQ(Sweep(reader).size(), 0u);
  EXPECT_EQ(Sweep(reader).size(), 0u);
  EXPECT_EQ(last_.detail, kNvmlDriverNotLoaded);
  machine_.Control({"gpus 2", "reload 2"});
  EXPECT_EQ(Sweep(reader).size(), 2u);
}

TEST_F(NvmlUseReaderTest, TheOldestFrameGivesWay) {
  for (int64_t at = 1; at <= 5; ++at) box_->Put({at, at, {GpuAt(at, static_cast<uint64_t>(at))}});
  const auto frames = box_->Take();
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames.front().before_ns, 3);
  EXPECT_TRUE(box_->Take().empty());
}

TEST_F(NvmlUseReaderTest, ARestThatGoesOnIsOneFrame) {
  for (int64_t at = 1; at <= 4; ++at) box_->Put({at, at, {GpuAt(at, 0), GpuAt(at, 0)}});
  box_->Put({5, 5, {GpuAt(5, 0)}});
  auto frames = box_->Take();
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames.front().before_ns, 4);
  EXPECT_EQ(frames.front().devices[1].after_ns, 4);
  auto used = GpuAt(6, 0);
  used.processes.push_back({70, NvmlProcess::kCompute, 1});
  for (int64_t at = 6; at <= 7; ++at) box_->Put({at, at, {GpuAt(at, 0), used}});
  EXPECT_EQ(box_->Take().size(), 2u) << "whoever has one open may be another in each";
}

TEST_F(NvmlUseReaderTest, AThreadThatHangsInTheDriverIsLeftBehind) {
  Poller poller(std::make_unique<NvmlUseReader>(Options()), {kHour, 4}, [] {});
  poller.Start();
  for (int i = 0; i < 1000 && poller.state().sweeps == 0; ++i) poll(nullptr, 0, 10);
  machine_.Control({"gpus 2", "hang nvmlDeviceGetComputeRunningProcesses_v3"});
  poller.ReadNow();
  while (machine_.Log().find("hang") == std::string::npos) poll(nullptr, 0, 10);
  EXPECT_FALSE(poller.Stop(10'000'000));
  machine_.Control({"gpus 2"});
  EXPECT_TRUE(poller.Stop(10'000'000'000));
}

}  // namespace
}  // namespace wattledger
