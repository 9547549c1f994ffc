{
  "targets": [
    {
      "target_name": "wattledger",
      "sources": [
        "native/addon.cc",
        "native/binding/arguments.cc",
        "native/binding/poller_object.cc",
        "native/binding/readers.cc",
        "native/binding/sd_notify.cc",
        "native/core/clock.cc",
        "native/core/parse.cc",
        "native/core/poller.cc",
        "native/core/result.cc",
        "native/core/stop_signal.cc",
        "native/core/sweep_ring.cc",
        "native/files/files_reader.cc",
        "native/systemd/notify.cc"
      ],
      "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_DEPRECATED", "NAPI_CPP_EXCEPTIONS"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-fexceptions", "-Wall", "-Wextra", "-Wno-unused-parameter", "-O2", "-fvisibility=hidden"],
      "ldflags": ["-Wl,-z,nodelete", "-Wl,-z,now"],
      "libraries": ["-ldl"]
    }
  ]
}
