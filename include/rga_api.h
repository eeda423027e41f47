/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The C interface of Rockchip's 2D library, librga (im2d), as far as a program
 * needs it to convert and scale pictures that lie in dma-bufs.
 *
 * This is an independent declaration of that library's binary interface: the
 * names, values and layouts are those a program must use to talk to it, the
 * rest is this project's.  Layouts are those of 1.9.0 to 1.10.3.  Librga 1.3
 * has a smaller rga_buffer_t: never use one that lacks importbuffer_fd.
 *
 * Only functions with C linkage are here; the same names exist with C++ linkage
 * and other arguments.  Structures are passed and returned by value.
 *
 * Never call anything when /dev/rga cannot be opened for reading and writing:
 * librga 1.9 crashes then, and so does querystring of 1.10. */

#ifndef RGA_API_H
#define RGA_API_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Results ------------------------------------------------------------ */

/* Success is > 0. */
typedef enum
{
  IM_STATUS_NOERROR = 2,        /* a check passed */
  IM_STATUS_SUCCESS = 1,
  IM_STATUS_FAILED = 0,         /* the driver refused, or the job failed */
  IM_STATUS_NOT_SUPPORTED = -1,
  IM_STATUS_OUT_OF_MEMORY = -2,
  IM_STATUS_INVALID_PARAM = -3,
  IM_STATUS_ILLEGAL_PARAM = -4,
  IM_STATUS_ERROR_VERSION = -5,
  IM_STATUS_NO_SESSION = -6,    /* /dev/rga is not open */
} IM_STATUS;

/* ---- Pixel formats ------------------------------------------------------ */

/* Names give the order of the bytes in memory. */
#define RK_FORMAT_RGBA_8888 0x0000
#define RK_FORMAT_RGBX_8888 0x0100
#define RK_FORMAT_RGB_888 0x0200
#define RK_FORMAT_BGRA_8888 0x0300
#define RK_FORMAT_BGR_888 0x0700
#define RK_FORMAT_YCbCr_422_SP 0x0800   /* NV16 */
#define RK_FORMAT_YCbCr_420_SP 0x0a00   /* NV12 */
#define RK_FORMAT_YCbCr_420_P 0x0b00    /* I420 */
#define RK_FORMAT_YCrCb_420_SP 0x0e00   /* NV21 */
#define RK_FORMAT_YCrCb_420_P 0x0f00    /* YV12 */
#define RK_FORMAT_YCbCr_400 0x1500
#define RK_FORMAT_BGRX_8888 0x1600
#define RK_FORMAT_YUYV_422 0x1c00       /* YUY2 */
#define RK_FORMAT_UYVY_422 0x1e00
#define RK_FORMAT_ARGB_8888 0x2800
#define RK_FORMAT_XRGB_8888 0x2900
#define RK_FORMAT_ABGR_8888 0x2c00
#define RK_FORMAT_XBGR_8888 0x2d00

/* ---- Constants ---------------------------------------------------------- */

/* usage of improcess */
#define IM_SYNC (1 << 19)       /* return when the job is done */

/* color_space_mode of the picture that is written */
#define IM_YUV_TO_RGB_BT601_LIMIT 1
#define IM_YUV_TO_RGB_BT601_FULL 2
#define IM_YUV_TO_RGB_BT709_LIMIT 3

/* imconfig; it holds for the calling thread */
#define IM_CONFIG_SCHEDULER_CORE 0
#define IM_CONFIG_PRIORITY 1
#define IM_CONFIG_CHECK 2

/* values of IM_CONFIG_SCHEDULER_CORE, to be combined; 0: the driver chooses */
#define IM_SCHEDULER_RGA3_CORE0 1
#define IM_SCHEDULER_RGA3_CORE1 2
#define IM_SCHEDULER_RGA2_CORE0 4
#define IM_SCHEDULER_RGA2_CORE1 8

/* querystring */
#define RGA_VENDOR 0
#define RGA_VERSION 1
#define RGA_MAX_INPUT 2
#define RGA_MAX_OUTPUT 3
#define RGA_BYTE_STRIDE 4
#define RGA_SCALE_LIMIT 5
#define RGA_INPUT_FORMAT 6
#define RGA_OUTPUT_FORMAT 7
#define RGA_FEATURE 8
#define RGA_EXPECTED 9
#define RGA_ALL 10

/* ---- Structures --------------------------------------------------------- */

typedef uint32_t rga_buffer_handle_t;   /* 0: none */

/* What an imported buffer must have room for; strides in pixels and rows. */
typedef struct
{
  uint32_t width;
  uint32_t height;
  uint32_t format;
} im_handle_param_t;

/* Pixels. */
typedef struct
{
  int x;
  int y;
  int width;
  int height;
} im_rect;

typedef struct
{
  int max;
  int min;
} im_colorkey_range;

typedef struct
{
  int scale_r;
  int scale_g;
  int scale_b;
  int offset_r;
  int offset_g;
  int offset_b;
} im_nn_t;

/* A picture.  Have wrapbuffer_handle_t fill it: what stands in rd_mode and
 * global_alpha differs between versions. */
typedef struct
{
  void *vir_addr;
  void *phy_addr;
  int fd;
  int width;                    /* pixels */
  int height;
  int wstride;                  /* pixels from row to row */
  int hstride;                  /* rows from plane to plane */
  int format;                   /* RK_FORMAT_ */
  int color_space_mode;
  int global_alpha;
  int rd_mode;
  int color;
  im_colorkey_range colorkey_range;
  im_nn_t nn;
  int rop_code;
  rga_buffer_handle_t handle;
} rga_buffer_t;

/* ---- Functions ---------------------------------------------------------- */

/* Makes a dma-buf known to the driver, which keeps it until the handle is
 * released; fd may be closed.  0 on failure. */
rga_buffer_handle_t importbuffer_fd (int fd, im_handle_param_t * param);
IM_STATUS releasebuffer_handle (rga_buffer_handle_t handle);

rga_buffer_t wrapbuffer_handle_t (rga_buffer_handle_t handle, int width,
    int height, int wstride, int hstride, int format);

/* Scales and converts the rectangle srect of src into drect of dst.  pat and
 * prect are cleared where there is no second source. */
IM_STATUS improcess (rga_buffer_t src, rga_buffer_t dst, rga_buffer_t pat,
    im_rect srect, im_rect drect, im_rect prect, int usage);

IM_STATUS imconfig (int name, uint64_t value);

/* Lines of text; the string is the library's. */
const char *querystring (int name);

/* The text also says what the last failure of the thread was. */
const char *imStrError_t (IM_STATUS status);

#ifdef __cplusplus
}
#endif

#endif
