// These folders as one translation unit: what their files include takes the compiler longer than what they say.
#include "core/clock.cc"
#include "core/parse.cc"
#include "core/poller.cc"
#include "core/result.cc"
#include "core/stop_signal.cc"
#include "core/sweep_ring.cc"
#include "files/files_reader.cc"
#include "systemd/notify.cc"
