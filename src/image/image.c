/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/image.h"

gboolean
ry_image_map (RyImage * image, GError ** error)
{
  return image->access == NULL || image->access->map (image, error);
}

void
ry_image_unmap (RyImage * image)
{
  if (image->access != NULL)
    image->access->unmap (image);
}
