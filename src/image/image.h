/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From a frame to the input of a model. */

#pragma once

#include <glib.h>

#include "image/letterbox.h"
#include "rga/rga.h"

G_BEGIN_DECLS

/* Names give the order of the bytes in memory, as GStreamer's do.  X stands
 * for a byte that is not looked at, so the alpha formats map here too. */
typedef enum
{
  RY_FORMAT_NV12,
  RY_FORMAT_NV21,
  RY_FORMAT_NV16,
  RY_FORMAT_I420,
  RY_FORMAT_YV12,
  RY_FORMAT_YUY2,
  RY_FORMAT_UYVY,
  RY_FORMAT_RGB,
  RY_FORMAT_BGR,
  RY_FORMAT_RGBX,
  RY_FORMAT_XRGB,
  RY_FORMAT_BGRX,
  RY_FORMAT_XBGR,
  RY_FORMAT_GRAY8,
  RY_N_FORMATS
} RyPixelFormat;

typedef enum
{
  RY_MATRIX_BT601,
  RY_MATRIX_BT709,
  RY_MATRIX_BT2020,
} RyColorMatrix;

#define RY_MAX_PLANES 3

/* Largest width and height of a frame or a model, pixels. */
#define RY_IMAGE_MAX_SIZE 32768

typedef struct _RyImage RyImage;

/* How the CPU gets at pixels that are not simply there. */
typedef struct
{
  /* Sets data, and may correct stride, of all planes, or returns FALSE with an
   * RY_ERROR_IMAGE. */
  gboolean (*map) (RyImage * image, GError ** error);
  void (*unmap) (RyImage * image);

  /* A reference to what the dma-buf of the first plane was imported as, kept
   * from one frame to the next.  NULL: it is imported for each frame. */
  RyRgaImport *(*import) (RyImage * image, RyRga * rga);
} RyImageAccess;

/* A view of a frame: nothing is owned.  Planes are in the order in which the
 * format is named (I420: Y, U, V; YV12: Y, V, U), as GstVideoFrame has it for
 * NV12 and the packed formats; see gst/gstrknnyoloframe.c for YV12. */
struct _RyImage
{
  RyPixelFormat format;
  guint width, height;          /* pixels */
  guint n_planes;
  const guint8 *data[RY_MAX_PLANES];    /* valid while mapped */
  gint stride[RY_MAX_PLANES];   /* bytes */
  RyColorMatrix matrix;         /* for the YUV formats */
  gboolean full_range;          /* luma 0..255 instead of 16..235 */

  /* For hardware, which needs no mapping.  Planes may share a dma-buf. */
  gint fd[RY_MAX_PLANES];       /* dma-buf of the plane, or -1 */
  gsize offset[RY_MAX_PLANES];  /* where the plane begins in that dma-buf */
  gsize fd_size[RY_MAX_PLANES]; /* bytes of the dma-buf */
  gpointer memory[RY_MAX_PLANES];       /* whose fd it is: the same pointer in
                                         * every frame that lies there, for as
                                         * long as the dma-buf is open */

  const RyImageAccess *access;  /* NULL: data is always valid */
  gpointer access_data;         /* of those who set access */
};

/* From TRUE on until ry_image_unmap, data is valid: the CPU may read the
 * pixels, and sees what hardware wrote.  Must not be nested.  Any thread, one
 * at a time. */
gboolean ry_image_map (RyImage * image, GError ** error);
void ry_image_unmap (RyImage * image);

/* The memory to write: packed 8-bit pixels, three channels (one for models
 * that take grey pictures). */
typedef struct
{
  guint8 *data;
  guint width, height;          /* pixels */
  guint stride;                 /* bytes from one row to the next */
  gboolean bgr;                 /* the model wants B, G, R */
  guint channels;               /* 3, or 1 for grey; 0 means 3 */

  /* For RGA. */
  gint fd;                      /* dma-buf of the memory, or -1 */
  gsize offset;                 /* where data lies in that */
  gsize fd_size;                /* its bytes */
  /* Writes what the CPU's caches hold to the memory, for others to see. */
  void (*flush) (gpointer flush_data);
  gpointer flush_data;
} RyTarget;

typedef enum
{
  RY_PREPROCESS_AUTO,           /* RGA where it can, else the CPU */
  RY_PREPROCESS_RGA,            /* or an error */
  RY_PREPROCESS_CPU,
} RyPreprocessMode;

/* How the last input was made. */
typedef struct
{
  gboolean by_rga;
  RyRgaReason reason;           /* why not, where RGA was to be tried */
  const gchar *note;            /* the reason in words; NULL from the second
                                 * time on that there is the same */
} RyPreprocessed;

/* One preprocessor serves one thread: it holds the scratch memory, which grows
 * to what a frame needs and then stays.  libyuv takes a few rows of memory of
 * its own for the time of a call. */
typedef struct _RyPreprocessor RyPreprocessor;

RyPreprocessor *ry_preprocessor_new (void);
void ry_preprocessor_free (RyPreprocessor * self);

/* From now on RGA is tried for inputs that lie in target, see
 * ry_rga_path_open.  FALSE with an RY_ERROR_RGA; then the CPU makes them all,
 * and notes that as the reason. */
gboolean ry_preprocessor_use_rga (RyPreprocessor * self, RyRga * rga,
    const RyTarget * target, GError ** error);

/* For the next inputs. */
void ry_preprocessor_set_mode (RyPreprocessor * self, RyPreprocessMode mode);

/* Valid until the next run. */
const RyPreprocessed *ry_preprocessor_get_last (RyPreprocessor * self);

/* Scales image into the rectangle of box in target and paints the border.
 * The border is painted only when box or target changed since the last call,
 * because nothing else may write to target in between; see
 * ry_preprocessor_forget_target.  image is mapped only while the CPU reads it.
 * Bytes of target behind the width of a row are not touched, and target is
 * never read.
 *
 * RGA does all but the border with one or two blits, and as its hardware
 * filters; target is flushed before if the CPU wrote to it.  On the CPU libyuv
 * does the work, with kFilterBilinear: no smoothing when scaling down,
 * as cv2.resize does with INTER_LINEAR, however much a frame shrinks.  (At 3:1
 * third.h does it, with the same result.)  Pixels have their value in their
 * middle when a direction shrinks; when it grows, the
 * corner samples of both pictures coincide, which is off by less than half a
 * source pixel at the edges (0.11 for 1.28:1).  libyuv makes exceptions:
 * doubling is centred, planes shrunk to 3/4 or 3/8 get the weights of functions
 * for just that, and planes of one column are not interpolated.
 *
 * YUV frames are scaled before their colours are converted, 4:2:2 as 4:2:0.
 * Chroma samples are taken to lie in the middle of the pixels that they serve,
 * whatever the siting of the frame (MPEG-2 siting would move colour by a
 * quarter of a chroma sample).
 * GRAY8 is 0..255 whatever full_range says.  Grey targets get the luma of YUV
 * frames stretched to 0..255, and BT.601 luma of RGB frames.
 *
 * Returns FALSE with an RY_ERROR_IMAGE when the view makes no sense (a plane
 * missing, a stride shorter than a row, a size of 0 or above
 * RY_IMAGE_MAX_SIZE), it cannot be mapped, box does not belong to image and
 * target, or there is no memory for the scaled picture; with an RY_ERROR_RGA
 * when RGA had to be used (RY_PREPROCESS_RGA) and could not. */
gboolean ry_preprocessor_run (RyPreprocessor * self, RyImage * image,
    const RyLetterbox * box, const RyTarget * target, GError ** error);

/* Call this when somebody else wrote to the target, or when its memory was
 * freed and new memory may have come to lie at the same address. */
void ry_preprocessor_forget_target (RyPreprocessor * self);

G_END_DECLS
