// Loading this library into a process with TensorFlow, as a Node addon, registers the ops.
#include <node_api.h>

#include "kernel.h"
#include "ops.h"

extern "C" __attribute__((visibility("default"))) napi_value napi_register_module_v1(
    napi_env env, napi_value exports) {
  static bool done = false;
  if (done) return exports;
  try {
    defineAddNorm();
    defineActivation();
    defineAttention();
    defineDropout();
    defineAdamW();
    done = true;
  } catch (const Status::Error& error) {
    napi_throw_error(env, nullptr, error.message.c_str());
  }
  return exports;
}
