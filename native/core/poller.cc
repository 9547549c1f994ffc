#include "core/poller.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <thread>

#include "core/clock.h"
#include "core/sweep_queue.h"

namespace wattledger {
namespace {

using Phase = PollerState::Phase;

UniqueFd CheckedFd(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return UniqueFd(fd);
}

void ClearEvent(int fd) {
  eventfd_t ignored = 0;
  eventfd_read(fd, &ignored);
}

}  // namespace

struct Poller::Shared {
  Shared(std::unique_ptr<Reader> r, PollerOptions o, std::function<void()> n)
      : reader(std::move(r)), options(o), notify(std::move(n)) {}

  const std::unique_ptr<Reader> reader;
  const PollerOptions options;
  StopSignal stop;
  const UniqueFd read_now = CheckedFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  const UniqueFd ended = CheckedFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  const UniqueFd timer = CheckedFd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd");

  std::mutex mutex;
  std::function<void()> notify;  // emptied by Stop(), so that a thread left behind stays silent
  PollerState state;
  std::vector<ChannelInfo> channels;
  std::optional<SweepQueue> waiting;

  void Run();
  bool Open();
  void Sweep(std::vector<Reading>& readings);
  bool AwaitTurn(int64_t deadline_ns, bool& asked);

  void Notify() {
    const std::lock_guard lock(mutex);
    if (notify) notify();
  }
};

bool Poller::Shared::Open() {
  {
    const std::lock_guard lock(mutex);
    state.phase = Phase::kOpening;
    state.in_flight_since_ns = MonotonicNs();
  }
  auto opened = reader->Open(stop);
  const std::lock_guard lock(mutex);
  state.in_flight_since_ns = 0;
  if (opened.ok()) {
    channels = std::move(opened.value());
    waiting.emplace(channels.size(), options.capacity);
    state.phase = Phase::kOpen;
  } else {
    state.error = opened.error();
    state.phase = Phase::kFailed;
  }
  if (notify) notify();
  return opened.ok();
}

void Poller::Shared::Sweep(std::vector<Reading>& readings) {
  {
    const std::lock_guard lock(mutex);
    state.in_flight_since_ns = MonotonicNs();
  }
  reader->Read(readings, stop);
  const std::lock_guard lock(mutex);
  state.in_flight_since_ns = 0;
  ++state.sweeps;
  state.outdated = reader->Outdated();
  waiting->Push(readings);
}

// Waits for the absolute deadline, a sweep out of turn, or the stop, and attends to the reader meanwhile. A timerfd in
// place of clock_nanosleep because it can be waited for together with the others. Returns false on stop.
bool Poller::Shared::AwaitTurn(int64_t deadline_ns, bool& asked) {
  itimerspec at{};
  at.it_value.tv_sec = deadline_ns / 1'000'000'000;
  at.it_value.tv_nsec = deadline_ns % 1'000'000'000;
  timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &at, nullptr);
  std::array<pollfd, 4> fds{{{stop.fd(), POLLIN, 0},
                             {read_now.get(), POLLIN, 0},
                             {timer.get(), POLLIN, 0},
                             {reader->attention_fd(), POLLIN, 0}}};
  for (;;) {
    if (poll(fds.data(), fds.size(), -1) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    if (fds[0].revents || fds[1].revents || fds[2].revents) break;
    reader->Attend(stop);
  }
  asked = (fds[1].revents & POLLIN) != 0;
  if (asked) ClearEvent(read_now.get());
  return !stop.requested();
}

void Poller::Shared::Run() {
  if (Open()) {
    std::vector<Reading> readings(channels.size());
    int64_t deadline = MonotonicNs();
    bool asked = false;
    while (AwaitTurn(deadline, asked)) {
      readings.assign(readings.size(), Reading{});
      Sweep(readings);
      if (asked || reader->IsUrgent()) Notify();
      const int64_t now = MonotonicNs();
      if (now < deadline) continue;
      const int64_t passed = (now - deadline) / options.interval_ns;
      deadline += (passed + 1) * options.interval_ns;
      const std::lock_guard lock(mutex);
      state.missed += static_cast<uint64_t>(passed);
    }
  }
  reader->Close();
  {
    const std::lock_guard lock(mutex);
    if (state.phase != Phase::kFailed) state.phase = Phase::kStopped;
  }
  eventfd_write(ended.get(), 1);
}

Poller::Poller(std::unique_ptr<Reader> reader, PollerOptions options, std::function<void()> notify)
    : shared_(std::make_shared<Shared>(std::move(reader), options, std::move(notify))) {}

Poller::~Poller() { Stop(0); }

void Poller::Start() {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->state.phase != Phase::kIdle || shared_->stop.requested()) return;
    shared_->state.phase = Phase::kOpening;
  }
  // Signals belong to the event loop's thread; a blocked mask is inherited by the new one.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread([shared = shared_] { shared->Run(); }).detach();
  } catch (const std::system_error& error) {  // no more threads for this user or unit
    const std::lock_guard lock(shared_->mutex);
    shared_->state.error = {Code::kTransient, error.code().value(), error.what()};
    shared_->state.phase = Phase::kFailed;
    eventfd_write(shared_->ended.get(), 1);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

PollerState Poller::state() const {
  const std::lock_guard lock(shared_->mutex);
  PollerState state = shared_->state;
  if (shared_->waiting) state.dropped = shared_->waiting->dropped();
  return state;
}

std::vector<ChannelInfo> Poller::channels() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->channels;
}

std::vector<Reading> Poller::Drain() {
  const std::lock_guard lock(shared_->mutex);
  return shared_->waiting ? shared_->waiting->Drain() : std::vector<Reading>{};
}

void Poller::ReadNow() { eventfd_write(shared_->read_now.get(), 1); }

bool Poller::Stop(int64_t timeout_ns) {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->notify = nullptr;
    if (shared_->state.phase == Phase::kIdle) {  // no thread will say that it ended
      shared_->state.phase = Phase::kStopped;
      eventfd_write(shared_->ended.get(), 1);
    }
  }
  shared_->stop.Request();
  pollfd ended{shared_->ended.get(), POLLIN, 0};
  const int64_t until = MonotonicNs() + timeout_ns;
  for (;;) {
    const int64_t left_ms = (until - MonotonicNs() + 999'999) / 1'000'000;
    const int ready = poll(&ended, 1, static_cast<int>(left_ms > 0 ? left_ms : 0));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return false;
  }
}

}  // namespace wattledger
