/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/cpupath.h"

#include <string.h>

#include "image/colour.h"

/* Rows of a band: even, for 4:2:0, and few enough that a band of a model's
 * usual width stays in the first cache between scaling and conversion. */
#define BAND 16

/* What is made of one plane of a frame: outputs go to the planes of the scaled
 * picture whose numbers are in `to`. */
typedef struct
{
  guint8 v_shift;
  guint8 n_outputs;
  guint8 to[RY_SCALER_MAX_OUTPUTS];
  RyScalerOutput output[RY_SCALER_MAX_OUTPUTS];
} PlaneRecipe;

typedef struct
{
  RyPixelFormat scaled;         /* the format of the scaled picture */
  guint8 n_planes;
  PlaneRecipe plane[RY_MAX_PLANES];
} Recipe;

#define LUMA {0, 1, {0}, {{{1, 1, {0}}, 0}}}
#define CHROMA_PAIR(v_shift) {v_shift, 1, {1}, {{{2, 2, {0, 1}}, 1}}}
#define CHROMA(number) {1, 1, {number}, {{{1, 1, {0}}, 1}}}
#define PACKED_422(y, u, v) \
  {0, 2, {0, 1}, {{{1, 2, {y}}, 0}, {{2, 4, {u, v}}, 1}}}
#define PACKED_RGB(step, r, g, b) {0, 1, {0}, {{{3, step, {r, g, b}}, 0}}}

static const Recipe recipes[RY_N_FORMATS] = {
  [RY_FORMAT_NV12] = {RY_FORMAT_NV12, 2, {LUMA, CHROMA_PAIR (1)}},
  [RY_FORMAT_NV21] = {RY_FORMAT_NV21, 2, {LUMA, CHROMA_PAIR (1)}},
  [RY_FORMAT_NV16] = {RY_FORMAT_NV16, 2, {LUMA, CHROMA_PAIR (0)}},
  [RY_FORMAT_I420] = {RY_FORMAT_I420, 3, {LUMA, CHROMA (1), CHROMA (2)}},
  [RY_FORMAT_YV12] = {RY_FORMAT_YV12, 3, {LUMA, CHROMA (1), CHROMA (2)}},
  [RY_FORMAT_YUY2] = {RY_FORMAT_NV16, 1, {PACKED_422 (0, 1, 3)}},
  [RY_FORMAT_UYVY] = {RY_FORMAT_NV16, 1, {PACKED_422 (1, 0, 2)}},
  [RY_FORMAT_RGB] = {RY_FORMAT_RGB, 1, {PACKED_RGB (3, 0, 1, 2)}},
  [RY_FORMAT_BGR] = {RY_FORMAT_RGB, 1, {PACKED_RGB (3, 2, 1, 0)}},
  [RY_FORMAT_RGBX] = {RY_FORMAT_RGB, 1, {PACKED_RGB (4, 0, 1, 2)}},
  [RY_FORMAT_XRGB] = {RY_FORMAT_RGB, 1, {PACKED_RGB (4, 1, 2, 3)}},
  [RY_FORMAT_BGRX] = {RY_FORMAT_RGB, 1, {PACKED_RGB (4, 2, 1, 0)}},
  [RY_FORMAT_XBGR] = {RY_FORMAT_RGB, 1, {PACKED_RGB (4, 3, 2, 1)}},
  [RY_FORMAT_GRAY8] = {RY_FORMAT_GRAY8, 1, {LUMA}},
};

static guint8 *
reserve_scratch (RyCpuPath * self, gsize size)
{
  if (size > self->scratch_size) {
    g_free (self->scratch);
    self->scratch = g_malloc (size);
    self->scratch_size = size;
  }
  return self->scratch;
}

static RyTarget
picture_in_target (const RyLetterbox * box, const RyTarget * target)
{
  RyTarget picture = *target;

  picture.data += (gsize) box->y * target->stride
      + (gsize) box->x * target->channels;
  picture.width = box->width;
  picture.height = box->height;
  return picture;
}

/* RGB frames are scaled straight into the target. */
static void
run_rgb (RyCpuPath * self, const RyImage * image, const RyLetterbox * box,
    const RyTarget * picture)
{
  RyScalerOutput output = recipes[image->format].plane[0].output[0];
  guint8 *dst = picture->data;
  gint stride = picture->stride;

  if (picture->bgr) {
    guint8 r = output.layout.at[0];

    output.layout.at[0] = output.layout.at[2];
    output.layout.at[2] = r;
  }
  ry_scaler_update (&self->scaler[0], box, 0, &output, 1);
  ry_scaler_run (&self->scaler[0], image->data[0], image->stride[0], 0,
      picture->height, &dst, &stride);
}

/* Describes the scratch memory as a picture of BAND rows. */
static void
prepare_band (RyCpuPath * self, const RyImage * image, guint width,
    RyImage * band, guint8 ** row)
{
  const Recipe *recipe = &recipes[image->format];
  guint stride = (recipe->scaled == RY_FORMAT_RGB ? 3 : 1) * (width + 1);
  gsize plane = (gsize) stride * BAND;
  guint8 *scratch = reserve_scratch (self,
      RY_MAX_PLANES * plane + RY_COLOUR_SCRATCH (width));
  guint i;

  *band = *image;
  band->format = recipe->scaled;
  band->width = width;
  for (i = 0; i < RY_MAX_PLANES; i++) {
    band->data[i] = scratch + i * plane;
    band->stride[i] = stride;
  }
  *row = scratch + RY_MAX_PLANES * plane;
}

static void
scale_band (RyCpuPath * self, const RyImage * image, guint first, guint n,
    const RyImage * band, gboolean luma_only)
{
  const Recipe *recipe = &recipes[image->format];
  guint n_planes = luma_only ? 1 : recipe->n_planes;
  guint i, k;

  for (i = 0; i < n_planes; i++) {
    const PlaneRecipe *plane = &recipe->plane[i];
    guint8 *dst[RY_SCALER_MAX_OUTPUTS];
    gint stride[RY_SCALER_MAX_OUTPUTS];

    for (k = 0; k < plane->n_outputs; k++) {
      dst[k] = (guint8 *) band->data[plane->to[k]];
      stride[k] = band->stride[plane->to[k]];
    }
    ry_scaler_run (&self->scaler[i], image->data[i], image->stride[i],
        first >> plane->v_shift, RY_SUBSAMPLED (n, plane->v_shift), dst,
        stride);
  }
}

static void
run_bands (RyCpuPath * self, const RyImage * image, const RyLetterbox * box,
    const RyTarget * picture)
{
  const Recipe *recipe = &recipes[image->format];
  gboolean luma_only = picture->channels == 1;
  RyTarget part = *picture;
  RyImage band;
  guint8 *row;
  guint first, i;

  for (i = 0; i < recipe->n_planes; i++)
    ry_scaler_update (&self->scaler[i], box, recipe->plane[i].v_shift,
        recipe->plane[i].output, luma_only ? 1 : recipe->plane[i].n_outputs);
  prepare_band (self, image, box->width, &band, &row);

  for (first = 0; first < box->height; first += BAND) {
    guint n = MIN (BAND, box->height - first);

    scale_band (self, image, first, n, &band, luma_only);
    band.height = part.height = n;
    part.data = picture->data + (gsize) picture->stride * first;
    ry_colour_convert (&band, &part, row);
  }
}

void
ry_cpu_path_run (RyCpuPath * self, const RyImage * image,
    const RyLetterbox * box, const RyTarget * target)
{
  RyTarget picture = picture_in_target (box, target);

  if (box->width == image->width && box->height == image->height)
    ry_colour_convert (image, &picture,
        reserve_scratch (self, RY_COLOUR_SCRATCH (image->width)));
  else if (recipes[image->format].scaled == RY_FORMAT_RGB
      && picture.channels == 3)
    run_rgb (self, image, box, &picture);
  else
    run_bands (self, image, box, &picture);
}

void
ry_cpu_path_clear (RyCpuPath * self)
{
  guint i;

  for (i = 0; i < RY_MAX_PLANES; i++)
    ry_scaler_clear (&self->scaler[i]);
  g_free (self->scratch);
  memset (self, 0, sizeof *self);
}
