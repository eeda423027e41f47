/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "rga_api.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"
#include "log.h"
#include "memory.h"
#include "picture.h"
#include "rules.h"

#define EXPORT __attribute__((visibility ("default")))

#define CORE_MASK 15

/* Librga keeps it a thread, too. */
static __thread guint scheduler_mask;

/* ---- Memory -------------------------------------------------------------- */

EXPORT rga_buffer_handle_t
importbuffer_fd (int fd, im_handle_param_t * param)
{
  rga_buffer_handle_t handle = 0;

  if (param == NULL || ry_rga_format_get (param->format) == NULL)
    ry_log_error ("an import needs a size and a format");
  else if (!ry_rga_device_fails ("importbuffer_fd"))
    handle = ry_rga_memory_import (fd, ry_rga_picture_size (param->format,
            param->width, param->height));
  ry_rga_device_count (handle != 0 ? RY_RGA_EVENT_IMPORT :
      RY_RGA_EVENT_FAILED_IMPORT);
  return handle;
}

EXPORT IM_STATUS
releasebuffer_handle (rga_buffer_handle_t handle)
{
  gboolean fails = ry_rga_device_fails ("releasebuffer_handle");

  if (!ry_rga_memory_release (handle)) {
    ry_log_error ("handle %u is released, but there is none such", handle);
    return IM_STATUS_FAILED;
  }
  ry_rga_device_count (RY_RGA_EVENT_RELEASE);
  return fails ? IM_STATUS_FAILED : IM_STATUS_SUCCESS;
}

EXPORT rga_buffer_t
wrapbuffer_handle_t (rga_buffer_handle_t handle, int width, int height,
    int wstride, int hstride, int format)
{
  rga_buffer_t picture;

  memset (&picture, 0, sizeof picture);
  picture.handle = handle;
  picture.width = width;
  picture.height = height;
  picture.wstride = wstride != 0 ? wstride : width;
  picture.hstride = hstride != 0 ? hstride : height;
  picture.format = format;
  picture.global_alpha = 0xff;
  picture.rd_mode = 1;
  return picture;
}

/* ---- Work ---------------------------------------------------------------- */

static gboolean
has_room (const RyRgaMemory * memory, const rga_buffer_t * picture)
{
  gsize needed = ry_rga_picture_size (picture->format, picture->wstride,
      picture->hstride);

  if (needed <= memory->size)
    return TRUE;
  ry_log_error ("handle %u has %" G_GSIZE_FORMAT " bytes, but the picture "
      "takes %" G_GSIZE_FORMAT, picture->handle, memory->size, needed);
  return FALSE;
}

static void
blit (RyRgaMemory * from, const rga_buffer_t * src, const im_rect * src_rect,
    RyRgaMemory * to, const rga_buffer_t * dst, const im_rect * dst_rect)
{
  const gchar *watch = g_getenv ("RGA_STANDIN_WATCH");

  if (watch != NULL && *watch != '\0'
      && ry_rga_memory_is_mapped_elsewhere (from))
    ry_rga_device_count (RY_RGA_EVENT_MAPPED_SOURCE);
  ry_rga_memory_begin (from, FALSE);
  ry_rga_memory_begin (to, TRUE);
  ry_rga_picture_blit (from->data, src, src_rect, to->data, dst, dst_rect);
  ry_rga_memory_end (to, TRUE);
  ry_rga_memory_end (from, FALSE);
}

/* The driver's part. */
static IM_STATUS
submit (const RyRgaDevice * device, const rga_buffer_t * src,
    const im_rect * src_rect, const rga_buffer_t * dst,
    const im_rect * dst_rect)
{
  g_autoptr (RyRgaMemory) from = ry_rga_memory_find (src->handle);
  g_autoptr (RyRgaMemory) to = ry_rga_memory_find (dst->handle);
  gint64 began;

  if (from == NULL || to == NULL) {
    ry_log_error ("handle %u is not known",
        from == NULL ? src->handle : dst->handle);
    return IM_STATUS_FAILED;
  }
  if (!to->writable) {
    ry_log_error ("the memory of handle %u is for reading only", dst->handle);
    return IM_STATUS_FAILED;
  }
  if (!has_room (from, src) || !has_room (to, dst)
      || ry_rga_rules_choose (device, scheduler_mask, src, dst,
          from->above_4g || to->above_4g) == NULL
      || ry_rga_device_fails ("improcess"))
    return IM_STATUS_FAILED;
  began = ry_rga_device_begin_blit ();
  blit (from, src, src_rect, to, dst, dst_rect);
  ry_rga_device_end_blit (began);
  return IM_STATUS_SUCCESS;
}

EXPORT IM_STATUS
improcess (rga_buffer_t src, rga_buffer_t dst, rga_buffer_t pat, im_rect srect,
    im_rect drect, im_rect prect, int usage)
{
  const RyRgaDevice *device = ry_rga_device_get ();
  IM_STATUS status;

  if (device == NULL)
    return IM_STATUS_NO_SESSION;
  if (src.handle == 0 || dst.handle == 0 || (usage & ~IM_SYNC) != 0) {
    ry_log_error ("handles are needed, and no usage but IM_SYNC is played");
    status = IM_STATUS_INVALID_PARAM;
  } else {
    status = ry_rga_rules_check (device, &src, &srect, &dst, &drect);
  }
  if (status > 0)
    status = submit (device, &src, &srect, &dst, &drect);
  ry_rga_device_count (status > 0 ? RY_RGA_EVENT_BLIT :
      status == 0 ? RY_RGA_EVENT_FAILED_BLIT : RY_RGA_EVENT_REFUSED_BLIT);
  return status;
}

EXPORT IM_STATUS
imconfig (int name, uint64_t value)
{
  if (ry_rga_device_fails ("imconfig"))
    return IM_STATUS_FAILED;
  if (name != IM_CONFIG_SCHEDULER_CORE)
    return IM_STATUS_SUCCESS;
  if ((value & ~(uint64_t) CORE_MASK) != 0) {
    ry_log_error ("there is no such mask of cores as %#" G_GINT64_MODIFIER "x",
        value);
    return IM_STATUS_ILLEGAL_PARAM;
  }
  scheduler_mask = value;
  return IM_STATUS_SUCCESS;
}

/* ---- Questions ----------------------------------------------------------- */

EXPORT const char *
querystring (int name)
{
  static __thread char text[256];
  const RyRgaDevice *device = ry_rga_device_get ();

  if (device == NULL)
    return "get info failed";
  if (name == RGA_VENDOR)
    return "RGA vendor            : librga-standin\n";
  if (name != RGA_VERSION && name != RGA_ALL)
    return "\n";
  snprintf (text, sizeof text, "RGA_api version       : v%s_[0]\n"
      "RGA version           : %s %s\n", ry_rga_device_get_version (),
      device->cores[0]->name,
      device->cores[1] != NULL ? device->cores[1]->name : "");
  return text;
}

EXPORT const char *
imStrError_t (IM_STATUS status)
{
  static __thread char text[640];
  static const char *const names[] = {
    "Fatal error", "Unsupported function", "Memory overflow",
    "Invalid parameters", "Illegal parameters", "Version verification failed",
    "No session",
  };

  if (status > 0)
    return "Run successfully";
  if (status < IM_STATUS_NO_SESSION)
    return "unknown status";
  snprintf (text, sizeof text, "%s: %s", names[-status],
      ry_rga_log_last_error ());
  return text;
}

EXPORT int
rga_standin_memory (uint64_t size)
{
  int fd = memfd_create ("rga-standin", MFD_CLOEXEC);

  if (fd >= 0 && ftruncate (fd, size) != 0) {
    close (fd);
    return -1;
  }
  return fd;
}
