/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Annotations in COCO's instances form (cocodataset.org, "Data format"):
 *
 *   images[]       id, file_name
 *   categories[]   id, name
 *   annotations[]  image_id, category_id, bbox [x, y, width, height], area,
 *                  iscrowd
 *
 * COCO's 80 categories have ids from 1 to 90, with gaps: what a model calls a
 * class is found by its name. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 image, category;       /* ids */
  gdouble x, y, width, height;  /* pixels of the picture */
  gdouble area;                 /* of the object, pixels; a box's w * h where
                                 * the file does not say */
  gboolean crowd;
} Truth;

typedef struct
{
  gint64 id;
  gchar *name;
} Category;

typedef struct
{
  GHashTable *ids_by_name;      /* gchar * of a file's name -> gint64 * */
  GHashTable *ids;              /* set of gint64 * */
  GArray *categories;           /* of Category, by ascending id */
  GArray *truths;               /* of Truth, in the file's order */
} Dataset;

/* Returns NULL with an error that says what is wrong in which file.  The file
 * may have no annotations, as those of COCO's test sets. */
Dataset *dataset_load (const gchar * path, GError ** error);
void dataset_free (Dataset * self);

/* Finds a picture by the name of its file, without folders, else by the number
 * that the name begins with. */
gboolean dataset_find_image (const Dataset * self, const gchar * basename,
    gint64 * id);

/* By name, whatever its case; NULL when there is none. */
const Category *dataset_find_category (const Dataset * self,
    const gchar * name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Dataset, dataset_free)

G_END_DECLS
