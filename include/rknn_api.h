/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The C interface of Rockchip's NPU runtime, librknnrt.
 *
 * This is an independent declaration of that library's binary interface: the
 * names, values and layouts are those a program must use to talk to it, the
 * rest is this project's.  Layouts are those of version 2.3.2; they serve
 * every version from 1.4 on, because since then structures only gained fields
 * in places that were reserved.  Where a name is younger than 1.4 the version
 * stands beside it: look such functions up at run time.
 *
 * All functions return 0 (RKNN_SUCC) or a negative RKNN_ERR_ value, except the
 * rknn_create_mem family, which returns NULL on failure.  Sizes are in bytes
 * unless said otherwise.  Calls on one context must not overlap; different
 * contexts may be used by different threads. */

#ifndef RKNN_API_H
#define RKNN_API_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define RKNN_API_BEGIN extern "C" {
#define RKNN_API_END }
#else
#define RKNN_API_BEGIN
#define RKNN_API_END
#endif

RKNN_API_BEGIN

/* ---- Flags of rknn_init ------------------------------------------------- */

/* Priority of the context's jobs in the driver. */
#define RKNN_FLAG_PRIOR_HIGH 0x00000000
#define RKNN_FLAG_PRIOR_MEDIUM 0x00000001
#define RKNN_FLAG_PRIOR_LOW 0x00000002
/* rknn_outputs_get gives the outputs of the run before instead of waiting. */
#define RKNN_FLAG_ASYNC_MASK 0x00000004
/* Time every layer, for RKNN_QUERY_PERF_DETAIL; makes runs slower. */
#define RKNN_FLAG_COLLECT_PERF_MASK 0x00000008
/* The caller provides memory for weights, intermediate results and tensors. */
#define RKNN_FLAG_MEM_ALLOC_OUTSIDE 0x00000010
/* Use the weights of the context in rknn_init_extend.ctx. */
#define RKNN_FLAG_SHARE_WEIGHT_MEM 0x00000020
/* Runs wait for a fence given in, or give one out. */
#define RKNN_FLAG_FENCE_IN_OUTSIDE 0x00000040
#define RKNN_FLAG_FENCE_OUT_OUTSIDE 0x00000080
/* 1.5.0: only the memory sizes can be asked of this context. */
#define RKNN_FLAG_COLLECT_MODEL_INFO_ONLY 0x00000100
/* 1.5.2: the caller provides memory for intermediate results only. */
#define RKNN_FLAG_INTERNAL_ALLOC_OUTSIDE 0x00000200
/* 1.5.2: operators that the NPU lacks go to the GPU before the CPU. */
#define RKNN_FLAG_EXECUTE_FALLBACK_PRIOR_DEVICE_GPU 0x00000400
/* 1.6.0: buffers may lie in SRAM; contexts may share it. */
#define RKNN_FLAG_ENABLE_SRAM 0x00000800
#define RKNN_FLAG_SHARE_SRAM 0x00001000
/* 1.6.0: leave the niceness of the calling thread alone. */
#define RKNN_FLAG_DISABLE_PROC_HIGH_PRIORITY 0x00002000
/* 2.0.0: the caller keeps the CPU caches of inputs or outputs in order. */
#define RKNN_FLAG_DISABLE_FLUSH_INPUT_MEM_CACHE 0x00004000
#define RKNN_FLAG_DISABLE_FLUSH_OUTPUT_MEM_CACHE 0x00008000
/* 2.1.0: the model was handed over in memory that the NPU can read. */
#define RKNN_FLAG_MODEL_BUFFER_ZERO_COPY 0x00010000
/* 2.1.0: for rknn_create_mem2, memory that belongs to no context. */
#define RKNN_MEM_FLAG_ALLOC_NO_CONTEXT 0x00020000

/* ---- Results ------------------------------------------------------------ */

#define RKNN_SUCC 0
#define RKNN_ERR_FAIL -1
#define RKNN_ERR_TIMEOUT -2
#define RKNN_ERR_DEVICE_UNAVAILABLE -3
#define RKNN_ERR_MALLOC_FAIL -4
#define RKNN_ERR_PARAM_INVALID -5
#define RKNN_ERR_MODEL_INVALID -6
#define RKNN_ERR_CTX_INVALID -7
#define RKNN_ERR_INPUT_INVALID -8
#define RKNN_ERR_OUTPUT_INVALID -9
#define RKNN_ERR_DEVICE_UNMATCH -10
#define RKNN_ERR_INCOMPATILE_PRE_COMPILE_MODEL -11
#define RKNN_ERR_INCOMPATILE_OPTIMIZATION_LEVEL_VERSION -12
#define RKNN_ERR_TARGET_PLATFORM_UNMATCH -13

/* ---- Limits ------------------------------------------------------------- */

#define RKNN_MAX_DIMS 16
#define RKNN_MAX_NUM_CHANNEL 15
#define RKNN_MAX_NAME_LEN 256
#define RKNN_MAX_DYNAMIC_SHAPE_NUM 512

/* ---- Enumerations ------------------------------------------------------- */

#ifdef __arm__
typedef uint32_t rknn_context;
#else
typedef uint64_t rknn_context;
#endif

/* What rknn_query is asked, and the structure it fills. */
typedef enum
{
  RKNN_QUERY_IN_OUT_NUM = 0,    /* rknn_input_output_num */
  RKNN_QUERY_INPUT_ATTR = 1,    /* rknn_tensor_attr, logical shape */
  RKNN_QUERY_OUTPUT_ATTR = 2,   /* rknn_tensor_attr, logical shape */
  RKNN_QUERY_PERF_DETAIL = 3,   /* rknn_perf_detail */
  RKNN_QUERY_PERF_RUN = 4,      /* rknn_perf_run */
  RKNN_QUERY_SDK_VERSION = 5,   /* rknn_sdk_version */
  RKNN_QUERY_MEM_SIZE = 6,      /* rknn_mem_size */
  RKNN_QUERY_CUSTOM_STRING = 7, /* rknn_custom_string */
  /* rknn_tensor_attr: as the NPU itself reads and writes the tensor */
  RKNN_QUERY_NATIVE_INPUT_ATTR = 8,
  RKNN_QUERY_NATIVE_OUTPUT_ATTR = 9,
  RKNN_QUERY_NATIVE_NC1HWC2_INPUT_ATTR = RKNN_QUERY_NATIVE_INPUT_ATTR,
  RKNN_QUERY_NATIVE_NC1HWC2_OUTPUT_ATTR = RKNN_QUERY_NATIVE_OUTPUT_ATTR,
  RKNN_QUERY_NATIVE_NHWC_INPUT_ATTR = 10,
  RKNN_QUERY_NATIVE_NHWC_OUTPUT_ATTR = 11,
  RKNN_QUERY_DEVICE_MEM_INFO = 12,
  /* 1.5.0, models with dynamic shapes: rknn_input_range, rknn_tensor_attr */
  RKNN_QUERY_INPUT_DYNAMIC_RANGE = 13,
  RKNN_QUERY_CURRENT_INPUT_ATTR = 14,
  RKNN_QUERY_CURRENT_OUTPUT_ATTR = 15,
  /* 1.5.2 */
  RKNN_QUERY_CURRENT_NATIVE_INPUT_ATTR = 16,
  RKNN_QUERY_CURRENT_NATIVE_OUTPUT_ATTR = 17,
  RKNN_QUERY_CMD_MAX = 18
} rknn_query_cmd;

typedef enum
{
  RKNN_TENSOR_FLOAT32 = 0,
  RKNN_TENSOR_FLOAT16 = 1,
  RKNN_TENSOR_INT8 = 2,
  RKNN_TENSOR_UINT8 = 3,
  RKNN_TENSOR_INT16 = 4,
  RKNN_TENSOR_UINT16 = 5,
  RKNN_TENSOR_INT32 = 6,
  RKNN_TENSOR_UINT32 = 7,
  RKNN_TENSOR_INT64 = 8,
  RKNN_TENSOR_BOOL = 9,
  RKNN_TENSOR_INT4 = 10,        /* 1.6.0 */
  RKNN_TENSOR_BFLOAT16 = 11,    /* 2.3.0 */
  RKNN_TENSOR_TYPE_MAX = 12
} rknn_tensor_type;

typedef enum
{
  RKNN_TENSOR_QNT_NONE = 0,
  RKNN_TENSOR_QNT_DFP = 1,      /* value = q / 2^fl */
  RKNN_TENSOR_QNT_AFFINE_ASYMMETRIC = 2,        /* value = (q - zp) * scale */
  RKNN_TENSOR_QNT_MAX = 3
} rknn_tensor_qnt_type;

typedef enum
{
  RKNN_TENSOR_NCHW = 0,
  RKNN_TENSOR_NHWC = 1,
  RKNN_TENSOR_NC1HWC2 = 2,      /* groups of C2 channels side by side */
  RKNN_TENSOR_UNDEFINED = 3,
  RKNN_TENSOR_FORMAT_MAX = 4
} rknn_tensor_format;

/* Bits, one a core.  Which combinations a chip takes is its own affair. */
typedef enum
{
  RKNN_NPU_CORE_AUTO = 0,
  RKNN_NPU_CORE_0 = 1,
  RKNN_NPU_CORE_1 = 2,
  RKNN_NPU_CORE_2 = 4,
  RKNN_NPU_CORE_0_1 = 3,
  RKNN_NPU_CORE_0_1_2 = 7,
  RKNN_NPU_CORE_ALL = 0xffff,   /* 2.0.0 */
  RKNN_NPU_CORE_UNDEFINED = 0x10000     /* 8 before 2.0.0 */
} rknn_core_mask;

/* Where a tensor memory came from.  2.3.2 says ALLOC_INSIDE of all. */
typedef enum
{
  RKNN_TENSOR_MEMORY_FLAGS_ALLOC_INSIDE = 1,
  RKNN_TENSOR_MEMORY_FLAGS_FROM_FD = 2,
  RKNN_TENSOR_MEMORY_FLAGS_FROM_PHYS = 3,
  RKNN_TENSOR_MEMORY_FLAGS_UNKNOWN = 4
} rknn_tensor_mem_flags;

/* 2.0.0: the alloc_flags of rknn_create_mem2. */
typedef enum
{
  RKNN_FLAG_MEMORY_FLAGS_DEFAULT = 0,   /* the same as CACHEABLE */
  RKNN_FLAG_MEMORY_CACHEABLE = 1,
  RKNN_FLAG_MEMORY_NON_CACHEABLE = 2,
  RKNN_FLAG_MEMORY_TRY_ALLOC_SRAM = 4   /* 2.3.2 */
} rknn_mem_alloc_flags;

/* 1.6.0: which way rknn_mem_sync brings CPU cache and memory together. */
typedef enum
{
  RKNN_MEMORY_SYNC_TO_DEVICE = 1,       /* after the CPU wrote */
  RKNN_MEMORY_SYNC_FROM_DEVICE = 2,     /* before the CPU reads */
  RKNN_MEMORY_SYNC_BIDIRECTIONAL = 3
} rknn_mem_sync_mode;

/* ---- Structures --------------------------------------------------------- */

typedef struct
{
  uint32_t n_input;
  uint32_t n_output;
} rknn_input_output_num;

/* Clear it and set index before a query. */
typedef struct
{
  uint32_t index;
  uint32_t n_dims;
  uint32_t dims[RKNN_MAX_DIMS];
  char name[RKNN_MAX_NAME_LEN]; /* what rknn_set_io_mem goes by */
  uint32_t n_elems;
  uint32_t size;                /* without padding */
  rknn_tensor_format fmt;
  rknn_tensor_type type;
  rknn_tensor_qnt_type qnt_type;        /* AFFINE on float tensors, too */
  int8_t fl;                    /* of QNT_DFP */
  int32_t zp;                   /* of QNT_AFFINE_ASYMMETRIC */
  float scale;
  uint32_t w_stride;            /* read only, in pixels; 0: the width */
  uint32_t size_with_stride;    /* what to allocate */
  uint8_t pass_through;         /* inputs: 1 hands the bytes on untouched */
  uint32_t h_stride;            /* write only, in lines; 0: the height */
} rknn_tensor_attr;

typedef struct _rknn_tensor_memory
{
  void *virt_addr;              /* where the CPU sees it, offset not added */
  uint64_t phys_addr;           /* where the device sees it */
  int32_t fd;                   /* a dma-buf */
  int32_t offset;
  uint32_t size;
  uint32_t flags;               /* rknn_tensor_mem_flags */
  void *priv_data;              /* the runtime's own */
} rknn_tensor_mem;

/* One entry of rknn_inputs_set, which copies out of buf. */
typedef struct
{
  uint32_t index;
  void *buf;
  uint32_t size;
  uint8_t pass_through;
  rknn_tensor_type type;        /* type and fmt describe what is in buf */
  rknn_tensor_format fmt;       /* pictures: NHWC, nothing else is converted */
} rknn_input;

/* One entry of rknn_outputs_get, which always walks all outputs. */
typedef struct
{
  uint8_t want_float;           /* 1: FLOAT32, else the tensor's own type */
  uint8_t is_prealloc;          /* 1: buf and size are the caller's */
  uint32_t index;
  void *buf;                    /* NCHW without padding */
  uint32_t size;
} rknn_output;

typedef struct
{
  rknn_context ctx;             /* parent for RKNN_FLAG_SHARE_WEIGHT_MEM */
  int32_t real_model_offset;    /* where the model begins in the file, and */
  uint32_t real_model_size;     /* its length; only with a path */
  int32_t model_buffer_fd;      /* 2.1.0 */
  uint32_t model_buffer_flags;  /* 2.1.0 */
  uint8_t reserved[112];        /* zeros */
} rknn_init_extend;

typedef struct
{
  uint64_t frame_id;
  int32_t non_block;
  int32_t timeout_ms;
  int32_t fence_fd;
} rknn_run_extend;

typedef struct
{
  uint64_t frame_id;
} rknn_output_extend;

typedef struct
{
  char api_version[256];        /* "major.minor.patch (hash@date)" */
  char drv_version[256];        /* "major.minor.patch" */
} rknn_sdk_version;

typedef struct
{
  uint32_t total_weight_size;
  uint32_t total_internal_size; /* without inputs and outputs */
  uint64_t total_dma_allocated_size;
  uint32_t total_sram_size;
  uint32_t free_sram_size;
  uint32_t reserved[10];
} rknn_mem_size;

typedef struct
{
  char string[1024];            /* what the model's maker put in */
} rknn_custom_string;

typedef struct
{
  char *perf_data;              /* a text table; the runtime frees it */
  uint64_t data_len;
} rknn_perf_detail;

typedef struct
{
  int64_t run_duration;         /* microseconds; garbage before a run */
} rknn_perf_run;

/* 1.5.0.  33 KB: not for a small stack. */
typedef struct
{
  uint32_t index;
  uint32_t shape_number;
  rknn_tensor_format fmt;
  char name[RKNN_MAX_NAME_LEN];
  uint32_t dyn_range[RKNN_MAX_DYNAMIC_SHAPE_NUM][RKNN_MAX_DIMS];
  uint32_t n_dims;
} rknn_input_range;

/* ---- Functions ---------------------------------------------------------- */

/* Loads a model of size bytes; with size 0, model is the path of a file.  The
 * memory may be freed afterwards.  *context is written on failure, too, with
 * something that must not be used: look at the result only. */
int rknn_init (rknn_context * context, void *model, uint32_t size,
    uint32_t flag, rknn_init_extend * extend);

/* A second context over the same weights.  It inherits neither core mask nor
 * bound memories.  The two may be destroyed in any order. */
int rknn_dup_context (rknn_context * context_in, rknn_context * context_out);

/* Memories made in the context must be destroyed before it. */
int rknn_destroy (rknn_context context);

/* size is that of the structure; larger is taken as well. */
int rknn_query (rknn_context context, rknn_query_cmd cmd, void *info,
    uint32_t size);

int rknn_inputs_set (rknn_context context, uint32_t n_inputs,
    rknn_input inputs[]);

/* Multi-batch models: over how many cores a batch spreads, 1 to 3. */
int rknn_set_batch_core_num (rknn_context context, int core_num);

/* Chips with one core refuse every mask. */
int rknn_set_core_mask (rknn_context context, rknn_core_mask core_mask);

/* Blocks until the outputs are there; extend is best NULL. */
int rknn_run (rknn_context context, rknn_run_extend * extend);

/* Only after a run that did not block. */
int rknn_wait (rknn_context context, rknn_run_extend * extend);

/* outputs must have as many entries as the model has outputs.  After a failed
 * run this succeeds nevertheless, with the data of an earlier one. */
int rknn_outputs_get (rknn_context context, uint32_t n_outputs,
    rknn_output outputs[], rknn_output_extend * extend);

/* Frees what rknn_outputs_get allocated; buf keeps its value. */
int rknn_outputs_release (rknn_context context, uint32_t n_outputs,
    rknn_output outputs[]);

/* Memory that CPU and NPU share.  The result and its fd belong to the runtime
 * until rknn_destroy_mem. */
rknn_tensor_mem *rknn_create_mem (rknn_context context, uint32_t size);

/* 2.0.0.  alloc_flags: rknn_mem_alloc_flags, RKNN_MEM_FLAG_ALLOC_NO_CONTEXT */
rknn_tensor_mem *rknn_create_mem2 (rknn_context context, uint64_t size,
    uint64_t alloc_flags);

/* virt_addr is where the caller has mapped the start of fd (offset not added).
 * Nothing is checked before rknn_set_io_mem, and fd stays the caller's: keep
 * it open while the memory is bound. */
rknn_tensor_mem *rknn_create_mem_from_fd (rknn_context context, int32_t fd,
    void *virt_addr, uint32_t size, int32_t offset);

rknn_tensor_mem *rknn_create_mem_from_phys (rknn_context context,
    uint64_t phys_addr, void *virt_addr, uint32_t size);

/* Declared by every version, exported by none on Linux for AArch64: do not
 * link against it. */
rknn_tensor_mem *rknn_create_mem_from_mb_blk (rknn_context context,
    void *mb_blk, int32_t offset);

int rknn_destroy_mem (rknn_context context, rknn_tensor_mem * mem);

int rknn_set_weight_mem (rknn_context context, rknn_tensor_mem * mem);
int rknn_set_internal_mem (rknn_context context, rknn_tensor_mem * mem);

/* Makes mem the buffer of the tensor called attr->name.  attr->type and
 * attr->fmt say what the buffer holds, attr->pass_through (inputs) that it is
 * already what the NPU reads.  The size of an output's buffer is not checked:
 * see size_with_stride. */
int rknn_set_io_mem (rknn_context context, rknn_tensor_mem * mem,
    rknn_tensor_attr * attr);

/* 1.5.0; replaced by rknn_set_input_shapes. */
int rknn_set_input_shape (rknn_context context, rknn_tensor_attr * attr);

/* 1.5.2; models with dynamic shapes. */
int rknn_set_input_shapes (rknn_context context, uint32_t n_inputs,
    rknn_tensor_attr attr[]);

/* 1.6.0 */
int rknn_mem_sync (rknn_context context, rknn_tensor_mem * mem,
    rknn_mem_sync_mode mode);

/* ---- Names for people --------------------------------------------------- */

static inline const char *
get_type_string (rknn_tensor_type type)
{
  switch (type) {
    case RKNN_TENSOR_FLOAT32:
      return "FP32";
    case RKNN_TENSOR_FLOAT16:
      return "FP16";
    case RKNN_TENSOR_INT8:
      return "INT8";
    case RKNN_TENSOR_UINT8:
      return "UINT8";
    case RKNN_TENSOR_INT16:
      return "INT16";
    case RKNN_TENSOR_UINT16:
      return "UINT16";
    case RKNN_TENSOR_INT32:
      return "INT32";
    case RKNN_TENSOR_UINT32:
      return "UINT32";
    case RKNN_TENSOR_INT64:
      return "INT64";
    case RKNN_TENSOR_BOOL:
      return "BOOL";
    case RKNN_TENSOR_INT4:
      return "INT4";
    case RKNN_TENSOR_BFLOAT16:
      return "BF16";
    default:
      return "UNKNOW";
  }
}

static inline const char *
get_qnt_type_string (rknn_tensor_qnt_type type)
{
  switch (type) {
    case RKNN_TENSOR_QNT_NONE:
      return "NONE";
    case RKNN_TENSOR_QNT_DFP:
      return "DFP";
    case RKNN_TENSOR_QNT_AFFINE_ASYMMETRIC:
      return "AFFINE";
    default:
      return "UNKNOW";
  }
}

static inline const char *
get_format_string (rknn_tensor_format fmt)
{
  switch (fmt) {
    case RKNN_TENSOR_NCHW:
      return "NCHW";
    case RKNN_TENSOR_NHWC:
      return "NHWC";
    case RKNN_TENSOR_NC1HWC2:
      return "NC1HWC2";
    case RKNN_TENSOR_UNDEFINED:
      return "UNDEFINED";
    default:
      return "UNKNOW";
  }
}

RKNN_API_END

/* ---- The layout, pinned ------------------------------------------------- */

#ifdef __LP64__
#ifdef __cplusplus
#define RKNN_API_PIN(expr) static_assert (expr, #expr)
#else
#define RKNN_API_PIN(expr) _Static_assert (expr, #expr)
#endif
#define RKNN_API_SIZE(type, bytes) RKNN_API_PIN (sizeof (type) == (bytes))
#define RKNN_API_AT(type, field, offset) \
  RKNN_API_PIN (offsetof (type, field) == (offset))

RKNN_API_SIZE (rknn_context, 8);
RKNN_API_SIZE (rknn_query_cmd, 4);
RKNN_API_SIZE (rknn_tensor_type, 4);
RKNN_API_SIZE (rknn_tensor_qnt_type, 4);
RKNN_API_SIZE (rknn_tensor_format, 4);
RKNN_API_SIZE (rknn_core_mask, 4);
RKNN_API_SIZE (rknn_mem_sync_mode, 4);

RKNN_API_SIZE (rknn_input_output_num, 8);
RKNN_API_AT (rknn_input_output_num, n_output, 4);

RKNN_API_SIZE (rknn_tensor_attr, 376);
RKNN_API_AT (rknn_tensor_attr, n_dims, 4);
RKNN_API_AT (rknn_tensor_attr, dims, 8);
RKNN_API_AT (rknn_tensor_attr, name, 72);
RKNN_API_AT (rknn_tensor_attr, n_elems, 328);
RKNN_API_AT (rknn_tensor_attr, size, 332);
RKNN_API_AT (rknn_tensor_attr, fmt, 336);
RKNN_API_AT (rknn_tensor_attr, type, 340);
RKNN_API_AT (rknn_tensor_attr, qnt_type, 344);
RKNN_API_AT (rknn_tensor_attr, fl, 348);
RKNN_API_AT (rknn_tensor_attr, zp, 352);
RKNN_API_AT (rknn_tensor_attr, scale, 356);
RKNN_API_AT (rknn_tensor_attr, w_stride, 360);
RKNN_API_AT (rknn_tensor_attr, size_with_stride, 364);
RKNN_API_AT (rknn_tensor_attr, pass_through, 368);
RKNN_API_AT (rknn_tensor_attr, h_stride, 372);

RKNN_API_SIZE (rknn_tensor_mem, 40);
RKNN_API_AT (rknn_tensor_mem, phys_addr, 8);
RKNN_API_AT (rknn_tensor_mem, fd, 16);
RKNN_API_AT (rknn_tensor_mem, offset, 20);
RKNN_API_AT (rknn_tensor_mem, size, 24);
RKNN_API_AT (rknn_tensor_mem, flags, 28);
RKNN_API_AT (rknn_tensor_mem, priv_data, 32);

RKNN_API_SIZE (rknn_input, 32);
RKNN_API_AT (rknn_input, buf, 8);
RKNN_API_AT (rknn_input, size, 16);
RKNN_API_AT (rknn_input, pass_through, 20);
RKNN_API_AT (rknn_input, type, 24);
RKNN_API_AT (rknn_input, fmt, 28);

RKNN_API_SIZE (rknn_output, 24);
RKNN_API_AT (rknn_output, is_prealloc, 1);
RKNN_API_AT (rknn_output, index, 4);
RKNN_API_AT (rknn_output, buf, 8);
RKNN_API_AT (rknn_output, size, 16);

RKNN_API_SIZE (rknn_init_extend, 136);
RKNN_API_AT (rknn_init_extend, real_model_offset, 8);
RKNN_API_AT (rknn_init_extend, real_model_size, 12);
RKNN_API_AT (rknn_init_extend, model_buffer_fd, 16);
RKNN_API_AT (rknn_init_extend, model_buffer_flags, 20);
RKNN_API_AT (rknn_init_extend, reserved, 24);

RKNN_API_SIZE (rknn_run_extend, 24);
RKNN_API_AT (rknn_run_extend, non_block, 8);
RKNN_API_AT (rknn_run_extend, timeout_ms, 12);
RKNN_API_AT (rknn_run_extend, fence_fd, 16);

RKNN_API_SIZE (rknn_output_extend, 8);

RKNN_API_SIZE (rknn_sdk_version, 512);
RKNN_API_AT (rknn_sdk_version, drv_version, 256);

RKNN_API_SIZE (rknn_mem_size, 64);
RKNN_API_AT (rknn_mem_size, total_internal_size, 4);
RKNN_API_AT (rknn_mem_size, total_dma_allocated_size, 8);
RKNN_API_AT (rknn_mem_size, total_sram_size, 16);
RKNN_API_AT (rknn_mem_size, free_sram_size, 20);
RKNN_API_AT (rknn_mem_size, reserved, 24);

RKNN_API_SIZE (rknn_custom_string, 1024);

RKNN_API_SIZE (rknn_perf_detail, 16);
RKNN_API_AT (rknn_perf_detail, data_len, 8);

RKNN_API_SIZE (rknn_perf_run, 8);

RKNN_API_SIZE (rknn_input_range, 33040);
RKNN_API_AT (rknn_input_range, shape_number, 4);
RKNN_API_AT (rknn_input_range, fmt, 8);
RKNN_API_AT (rknn_input_range, name, 12);
RKNN_API_AT (rknn_input_range, dyn_range, 268);
RKNN_API_AT (rknn_input_range, n_dims, 33036);

#undef RKNN_API_AT
#undef RKNN_API_SIZE
#undef RKNN_API_PIN
#endif /* __LP64__ */

#undef RKNN_API_BEGIN
#undef RKNN_API_END

#endif /* RKNN_API_H */
