// TensorFlow's C API for kernels, with ownership and errors as C++ has them.
#pragma once
#include <string>
#include <vector>

#include "numbers.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_tensor.h"

using Shape = std::vector<int64_t>;

template <typename T>
constexpr TF_DataType typeOf();
template <>
constexpr TF_DataType typeOf<float>() {
  return TF_FLOAT;
}
template <>
constexpr TF_DataType typeOf<Bfloat16>() {
  return TF_BFLOAT16;
}
template <>
constexpr TF_DataType typeOf<int32_t>() {
  return TF_INT32;
}

/** Throws what TensorFlow reports. */
class Status {
 public:
  Status() : status_(TF_NewStatus()) {}
  ~Status() { TF_DeleteStatus(status_); }
  Status(const Status&) = delete;
  operator TF_Status*() { return status_; }
  void check() const {
    if (TF_GetCode(status_) != TF_OK) throw Error{TF_GetCode(status_), TF_Message(status_)};
  }
  struct Error {
    TF_Code code;
    std::string message;
  };

 private:
  TF_Status* status_;
};

/** An input or output of a kernel; T is the type of its elements. */
template <typename T>
class Tensor {
 public:
  explicit Tensor(TF_Tensor* tensor)
      : tensor_(tensor), data_(static_cast<T*>(TF_TensorData(tensor))) {}
  Tensor(Tensor&& other) : tensor_(other.tensor_), data_(other.data_) { other.tensor_ = nullptr; }
  ~Tensor() {
    if (tensor_) TF_DeleteTensor(tensor_);
  }
  T* data() const { return data_; }
  int64_t size() const { return TF_TensorElementCount(tensor_); }
  int64_t dimension(int i) const { return TF_Dim(tensor_, i); }
  Shape shape() const {
    Shape shape;
    for (int i = 0; i < TF_NumDims(tensor_); i++) shape.push_back(TF_Dim(tensor_, i));
    return shape;
  }

 private:
  TF_Tensor* tensor_;
  T* data_;
};

/** One call of a kernel. */
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context) {}
  template <typename T>
  Tensor<T> input(int i) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, i, &tensor, status_);
    status_.check();
    return Tensor<T>(tensor);
  }
  template <typename T>
  Tensor<T> output(int i, const Shape& shape) {
    TF_Tensor* tensor = TF_AllocateOutput(context_, i, typeOf<T>(), shape.data(),
                                          static_cast<int>(shape.size()), bytes<T>(shape), status_);
    status_.check();
    return Tensor<T>(tensor);
  }
  /** An output of an input's shape, in the input's memory where nobody else needs that. */
  template <typename T>
  Tensor<T> outputInPlace(int i, int input, const Shape& shape) {
    int forwarded = -1;
    TF_Tensor* tensor = TF_ForwardInputOrAllocateOutput(
        context_, &input, 1, i, shape.data(), static_cast<int>(shape.size()), &forwarded, status_);
    status_.check();
    return Tensor<T>(tensor);
  }

 private:
  template <typename T>
  static size_t bytes(const Shape& shape) {
    size_t size = sizeof(T);
    for (const int64_t dimension : shape) size *= dimension;
    return size;
  }
  TF_OpKernelContext* context_;
  Status status_;
};

/** A node's attributes. */
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction) : construction_(construction) {}
  float real(const char* name) {
    float value = 0;
    TF_OpKernelConstruction_GetAttrFloat(construction_, name, &value, status_);
    return value;
  }
  int integer(const char* name) {
    int32_t value = 0;
    TF_OpKernelConstruction_GetAttrInt32(construction_, name, &value, status_);
    return value;
  }

 private:
  TF_OpKernelConstruction* construction_;
  Status status_;
};

template <typename Kernel>
void* createKernel(TF_OpKernelConstruction* construction) {
  return new Kernel(Attributes(construction));
}

template <typename Kernel>
void runKernel(void* kernel, TF_OpKernelContext* context) {
  try {
    Call call(context);
    static_cast<const Kernel*>(kernel)->run(call);
  } catch (const Status::Error& error) {
    Status status;
    TF_SetStatus(status, error.code, error.message.c_str());
    TF_OpKernelContext_Failure(context, status);
  } catch (const std::bad_alloc&) {
    Status status;
    TF_SetStatus(status, TF_RESOURCE_EXHAUSTED, "out of memory");
    TF_OpKernelContext_Failure(context, status);
  }
}

template <typename Kernel>
void deleteKernel(void* kernel) {
  delete static_cast<Kernel*>(kernel);
}

struct OpDefinition {
  const char* name;
  std::vector<const char*> inputs, outputs, attributes;
  bool stateful = false;
};

inline void defineOp(const OpDefinition& definition) {
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(definition.name);
  for (const char* attribute : definition.attributes) TF_OpDefinitionBuilderAddAttr(builder, attribute);
  for (const char* input : definition.inputs) TF_OpDefinitionBuilderAddInput(builder, input);
  for (const char* output : definition.outputs) TF_OpDefinitionBuilderAddOutput(builder, output);
  TF_OpDefinitionBuilderSetIsStateful(builder, definition.stateful);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(
      builder, [](TF_ShapeInferenceContext* context, TF_Status* status) {
        TF_ShapeInferenceContextSetUnknownShape(context, status);
      });
  Status status;
  TF_RegisterOpDefinition(builder, status);
  status.check();
}

/** Registers the CPU kernel of an op for the value T of its attribute `T`. */
template <typename Kernel, typename T>
void defineKernel(const char* op) {
  TF_KernelBuilder* builder = TF_NewKernelBuilder(op, "CPU", createKernel<Kernel>,
                                                  runKernel<Kernel>, deleteKernel<Kernel>);
  Status status;
  TF_KernelBuilder_TypeConstraint(builder, "T", typeOf<T>(), status);
  status.check();
  TF_RegisterKernelBuilder(op, builder, status);
  status.check();
}

template <template <typename> class Kernel>
void define(const OpDefinition& definition) {
  defineOp(definition);
  defineKernel<Kernel<float>, float>(definition.name);
  defineKernel<Kernel<Bfloat16>, Bfloat16>(definition.name);
}
