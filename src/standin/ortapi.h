/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the stand-in needs of ONNX Runtime's C interface.
 *
 * OrtGetApiBase()->GetApi (version) gives a table of function pointers that
 * only ever grows at its end, so a function's place is part of the interface.
 * The places are those of onnxruntime_c_api.h (counted in 1.21, where the
 * table has 285), the signatures are its too; all of them are in version 12
 * of the table, which ONNX Runtime 1.12 and everything newer have. */

#pragma once

#include <stddef.h>
#include <stdint.h>

#define RY_ORT_API_VERSION 12

typedef struct OrtStatus OrtStatus;     /* NULL is success */
typedef struct OrtEnv OrtEnv;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtValue OrtValue;
typedef struct OrtTypeInfo OrtTypeInfo;
typedef struct OrtTensorTypeAndShapeInfo OrtTensorTypeAndShapeInfo;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtAllocator OrtAllocator;
typedef struct OrtModelMetadata OrtModelMetadata;

typedef struct
{
  const void *(*GetApi) (uint32_t version);
  const char *(*GetVersionString) (void);
} OrtApiBase;

enum
{
  RY_ORT_SEVERITY_ERROR = 3,
  RY_ORT_SEVERITY_FATAL = 4,
};

enum
{
  RY_ORT_ALLOCATOR_DEVICE = 0,
  RY_ORT_MEM_TYPE_DEFAULT = 0,
  RY_ORT_OPTIMIZE_ALL = 99,
};

typedef enum
{
  RY_ORT_FLOAT = 1,
  RY_ORT_UINT8 = 2,
  RY_ORT_INT8 = 3,
  RY_ORT_UINT16 = 4,
  RY_ORT_INT16 = 5,
  RY_ORT_INT32 = 6,
  RY_ORT_INT64 = 7,
  RY_ORT_BOOL = 9,
  RY_ORT_FLOAT16 = 10,
  RY_ORT_UINT32 = 12,
} RyOrtType;

typedef void (*RyOrtLogFunction) (void *param, int severity,
    const char *category, const char *log_id, const char *code_location,
    const char *message);

/* X (place in the table, name, result, arguments) */
#define RY_ORT_FUNCTIONS(X) \
  X (2, GetErrorMessage, const char *, (const OrtStatus *)) \
  X (4, CreateEnvWithCustomLogger, OrtStatus *, (RyOrtLogFunction, void *, \
      int severity, const char *log_id, OrtEnv **)) \
  X (6, DisableTelemetryEvents, OrtStatus *, (const OrtEnv *)) \
  X (7, CreateSession, OrtStatus *, (const OrtEnv *, const char *path, \
      const OrtSessionOptions *, OrtSession **)) \
  X (8, CreateSessionFromArray, OrtStatus *, (const OrtEnv *, \
      const void *model, size_t size, const OrtSessionOptions *, \
      OrtSession **)) \
  X (9, Run, OrtStatus *, (OrtSession *, const OrtRunOptions *, \
      const char *const *input_names, const OrtValue *const *inputs, \
      size_t n_inputs, const char *const *output_names, size_t n_outputs, \
      OrtValue **outputs)) \
  X (10, CreateSessionOptions, OrtStatus *, (OrtSessionOptions **)) \
  X (22, SetSessionLogSeverityLevel, OrtStatus *, (OrtSessionOptions *, \
      int severity)) \
  X (23, SetSessionGraphOptimizationLevel, OrtStatus *, \
      (OrtSessionOptions *, int level)) \
  X (24, SetIntraOpNumThreads, OrtStatus *, (OrtSessionOptions *, int)) \
  X (25, SetInterOpNumThreads, OrtStatus *, (OrtSessionOptions *, int)) \
  X (30, SessionGetInputCount, OrtStatus *, (const OrtSession *, size_t *)) \
  X (31, SessionGetOutputCount, OrtStatus *, (const OrtSession *, size_t *)) \
  X (33, SessionGetInputTypeInfo, OrtStatus *, (const OrtSession *, size_t, \
      OrtTypeInfo **)) \
  X (34, SessionGetOutputTypeInfo, OrtStatus *, (const OrtSession *, size_t, \
      OrtTypeInfo **)) \
  X (36, SessionGetInputName, OrtStatus *, (const OrtSession *, size_t, \
      OrtAllocator *, char **)) \
  X (37, SessionGetOutputName, OrtStatus *, (const OrtSession *, size_t, \
      OrtAllocator *, char **)) \
  X (49, CreateTensorWithDataAsOrtValue, OrtStatus *, \
      (const OrtMemoryInfo *, void *data, size_t size, \
      const int64_t *shape, size_t rank, int type, OrtValue **)) \
  X (55, CastTypeInfoToTensorInfo, OrtStatus *, (const OrtTypeInfo *, \
      const OrtTensorTypeAndShapeInfo **)) \
  X (60, GetTensorElementType, OrtStatus *, \
      (const OrtTensorTypeAndShapeInfo *, int *)) \
  X (61, GetDimensionsCount, OrtStatus *, \
      (const OrtTensorTypeAndShapeInfo *, size_t *)) \
  X (62, GetDimensions, OrtStatus *, (const OrtTensorTypeAndShapeInfo *, \
      int64_t *dims, size_t length)) \
  X (65, GetTensorTypeAndShape, OrtStatus *, (const OrtValue *, \
      OrtTensorTypeAndShapeInfo **)) \
  X (69, CreateCpuMemoryInfo, OrtStatus *, (int allocator, int mem_type, \
      OrtMemoryInfo **)) \
  X (76, AllocatorFree, OrtStatus *, (OrtAllocator *, void *)) \
  X (78, GetAllocatorWithDefaultOptions, OrtStatus *, (OrtAllocator **)) \
  X (92, ReleaseEnv, void, (OrtEnv *)) \
  X (93, ReleaseStatus, void, (OrtStatus *)) \
  X (95, ReleaseSession, void, (OrtSession *)) \
  X (96, ReleaseValue, void, (OrtValue *)) \
  X (98, ReleaseTypeInfo, void, (OrtTypeInfo *)) \
  X (99, ReleaseTensorTypeAndShapeInfo, void, (OrtTensorTypeAndShapeInfo *)) \
  X (100, ReleaseSessionOptions, void, (OrtSessionOptions *)) \
  X (111, SessionGetModelMetadata, OrtStatus *, (const OrtSession *, \
      OrtModelMetadata **)) \
  X (116, ModelMetadataLookupCustomMetadataMap, OrtStatus *, \
      (const OrtModelMetadata *, OrtAllocator *, const char *key, char **)) \
  X (118, ReleaseModelMetadata, void, (OrtModelMetadata *)) \
  X (130, AddSessionConfigEntry, OrtStatus *, (OrtSessionOptions *, \
      const char *key, const char *value))

#define RY_ORT_MEMBER(place, name, result, arguments) \
  result (*name) arguments;

typedef struct
{
  RY_ORT_FUNCTIONS (RY_ORT_MEMBER)
} RyOrtApi;

#undef RY_ORT_MEMBER
