{
  "targets": [
    {
      "target_name": "wattledger",
      "sources": [
        "native/addon.cc",
        "native/binding.cc",
        "native/cgroup.cc",
        "native/core.cc",
        "native/hsmp.cc",
        "native/ipmi.cc",
        "native/nvml.cc",
        "native/rapl.cc"
      ],
      "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=9",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "NAPI_CPP_EXCEPTIONS",
        "NODE_ADDON_API_CPP_EXCEPTIONS_ALL",
        # A worker that is terminated inside a call can be thrown nothing; without this the process aborts.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-fexceptions", "-Wall", "-Wextra", "-Wno-unused-parameter", "-O2", "-fvisibility=hidden"],
      "ldflags": ["-Wl,-z,nodelete", "-Wl,-z,now"],
      "libraries": ["-ldl"]
    }
  ]
}
