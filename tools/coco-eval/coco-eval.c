/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* rknnyolo-coco-eval: runs a folder of pictures through rknnyolo, writes what
 * it finds as COCO results and, with annotations, says how good it is.
 *
 * Exit code 0: done; 1: something failed, which is said; 2: wrong arguments. */

#include <gst/gst.h>
#include <stdlib.h>

#include "../common/progress.h"
#include "../common/tool.h"
#include "average-precision.h"
#include "dataset.h"
#include "detection.h"
#include "inference.h"
#include "options.h"
#include "picture.h"

typedef struct
{
  gchar *path;
  gint64 id;
} Picture;

typedef struct
{
  const Options *options;
  Dataset *dataset;             /* NULL without annotations */
  GArray *pictures;             /* of Picture, sorted by id */
  GHashTable *images;           /* set of their ids */
  guint not_annotated;          /* pictures that the annotations do not know */

  GMutex lock;                  /* for what the streaming thread writes */
  GArray *detections;           /* of Detection */
  GHashTable *unknown;          /* set of labels that are in no category */
  guint n_unknown;              /* detections with such a label */
} App;

/* ---- which pictures ------------------------------------------------------ */

static void
clear_picture (gpointer data)
{
  g_free (((Picture *) data)->path);
}

static gint
compare_pictures (gconstpointer a, gconstpointer b)
{
  const Picture *first = a, *second = b;

  return (first->id > second->id) - (first->id < second->id);
}

static gboolean
is_picture (const gchar * name)
{
  g_autofree gchar *lower = g_ascii_strdown (name, -1);

  return g_str_has_suffix (lower, ".jpg") || g_str_has_suffix (lower, ".jpeg")
      || g_str_has_suffix (lower, ".png");
}

/* Without annotations a picture's name has to be its number. */
static gboolean
find_id (App * app, const gchar * name, gint64 * id, GError ** error)
{
  gchar *end;

  if (app->dataset != NULL) {
    if (dataset_find_image (app->dataset, name, id))
      return TRUE;
    app->not_annotated++;
    return FALSE;
  }
  *id = g_ascii_strtoll (name, &end, 10);
  if (end != name && *end == '.')
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
      "the picture %s is not named by a number, as COCO's are "
      "(000000000139.jpg), and there are no annotations that give its id. "
      "Rename it, or name the annotations by --annotations.", name);
  return FALSE;
}

static gboolean
add_picture (App * app, const gchar * name, GError ** error)
{
  GError *problem = NULL;
  Picture picture;

  if (!is_picture (name))
    return TRUE;
  if (!find_id (app, name, &picture.id, &problem)) {
    if (problem == NULL)
      return TRUE;
    g_propagate_error (error, problem);
    return FALSE;
  }
  if (!g_hash_table_add (app->images, g_memdup2 (&picture.id,
              sizeof picture.id))) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST,
        "two pictures of %s have the id %" G_GINT64_FORMAT ", %s is one of "
        "them. Take one out of the folder.", app->options->folder, picture.id,
        name);
    return FALSE;
  }
  picture.path = g_build_filename (app->options->folder, name, NULL);
  g_array_append_val (app->pictures, picture);
  return TRUE;
}

static gboolean
list_pictures (App * app, GError ** error)
{
  const gchar *folder = app->options->folder;
  GDir *dir = g_dir_open (folder, 0, error);
  const gchar *name;
  gboolean ok = dir != NULL;

  while (ok && (name = g_dir_read_name (dir)))
    ok = add_picture (app, name, error);
  if (dir != NULL)
    g_dir_close (dir);
  if (!ok)
    return FALSE;
  if (app->pictures->len == 0) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
        app->not_annotated > 0 ? "none of the pictures in %s is in the "
        "annotations. Are they of the same set?"
        : "there are no pictures (.jpg, .jpeg, .png) in %s. Folders inside "
        "are not looked at: name the one that has them.", folder);
    return FALSE;
  }
  g_array_sort (app->pictures, compare_pictures);
  if (app->options->limit > 0 && app->pictures->len > app->options->limit) {
    guint i;

    for (i = app->options->limit; i < app->pictures->len; i++)
      g_hash_table_remove (app->images,
          &g_array_index (app->pictures, Picture, i).id);
    g_array_set_size (app->pictures, app->options->limit);
  }
  return TRUE;
}

/* ---- detections ---------------------------------------------------------- */

/* COCO's ids are found by the label, those of other sets as well. */
static gboolean
find_category (App * app, const RknnyoloDetection * found, gint64 * id)
{
  const GArray *categories =
      app->dataset != NULL ? app->dataset->categories : NULL;
  const Category *category = NULL;

  if (categories == NULL) {
    *id = found->class_id;
    return TRUE;
  }
  if (!app->options->class_index)
    category = dataset_find_category (app->dataset, found->label);
  else if (found->class_id >= 0 && found->class_id < categories->len)
    category = &g_array_index (categories, Category, found->class_id);
  if (category == NULL)
    return FALSE;
  *id = category->id;
  return TRUE;
}

static void
detection_found (guint picture, const RknnyoloDetection * found,
    gpointer user_data)
{
  App *app = user_data;
  Detection detection;

  g_mutex_lock (&app->lock);
  if (find_category (app, found, &detection.category)) {
    detection.image = g_array_index (app->pictures, Picture, picture).id;
    detection.x = found->x;
    detection.y = found->y;
    detection.width = found->width;
    detection.height = found->height;
    detection.score = found->confidence;
    detection_round (&detection);
    g_array_append_val (app->detections, detection);
  } else {
    g_hash_table_add (app->unknown, g_strdup (found->label));
    app->n_unknown++;
  }
  g_mutex_unlock (&app->lock);
}

/* ---- the run ------------------------------------------------------------- */

static Inference *
make_inference (const Options * options, GError ** error)
{
  Inference *inference = inference_new (options->format, error);
  GstElement *yolo;

  if (inference == NULL)
    return NULL;
  yolo = inference_get_element (inference);
  g_object_set (yolo, "model", options->model,
      "confidence-threshold", options->confidence,
      "iou-threshold", options->iou, "max-detections", 300,
      "multi-label", !options->single_label, NULL);
  if (options->labels != NULL)
    g_object_set (yolo, "labels", options->labels, NULL);
  if (options->runtime != NULL)
    g_object_set (yolo, "runtime-library", options->runtime, NULL);
  if (!inference_set_properties (inference,
          (const gchar * const *) options->properties, error))
    g_clear_pointer (&inference, inference_free);
  return inference;
}

static gboolean
push_pictures (App * app, Inference * inference, GError ** error)
{
  gint64 start = g_get_monotonic_time ();
  gboolean ok = TRUE;
  Progress progress;
  guint i;

  progress_init (&progress);
  for (i = 0; ok && i < app->pictures->len; i++) {
    const Picture *picture = &g_array_index (app->pictures, Picture, i);
    GstSample *sample = picture_load (picture->path, error);

    ok = sample != NULL && inference_push (inference, sample, error);
    g_clear_pointer (&sample, gst_sample_unref);
    progress_show (&progress, i + 1, (i + 1.0) * G_USEC_PER_SEC
        / (g_get_monotonic_time () - start + 1),
        (i + 1.0) / app->pictures->len);
  }
  ok = ok && inference_finish (inference, error);
  progress_end (&progress);
  return ok;
}

static gboolean
check_labels (App * app, GError ** error)
{
  GHashTableIter iter;
  gpointer label = NULL;

  if (app->n_unknown == 0)
    return TRUE;
  g_hash_table_iter_init (&iter, app->unknown);
  g_hash_table_iter_next (&iter, &label, NULL);
  if (app->detections->len > 0) {
    g_printerr ("rknnyolo-coco-eval: %u detections of %u classes that are no "
        "category of the annotations do not count, such as \"%s\".\n",
        app->n_unknown, g_hash_table_size (app->unknown),
        (const gchar *) label);
    return TRUE;
  }
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
      "no label of the model is a category of the annotations: \"%s\" was "
      "found, and names such as \"%s\" were expected. Give the model's labels "
      "by --labels, or let the class numbers count by --class-index.",
      (const gchar *) label, app->dataset->categories->len > 0
      ? g_array_index (app->dataset->categories, Category, 0).name : "");
  return FALSE;
}

/* ---- the result ---------------------------------------------------------- */

static void
print_measure (const gchar * name, gdouble value)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  g_print ("%-10s %s\n", name, value < 0.0 ? "-"
      : g_ascii_formatd (text, sizeof text, "%.4f", value));
}

static void
print_classes (const Dataset * dataset, const GArray * by_class)
{
  guint i;

  g_print ("\n");
  for (i = 0; i < by_class->len; i++) {
    g_autofree gchar *line = g_strdup_printf ("  %-20s",
        g_array_index (dataset->categories, Category, i).name);

    if (g_array_index (by_class, gdouble, i) >= 0.0)
      print_measure (line, g_array_index (by_class, gdouble, i));
  }
}

static void
print_precision (const App * app)
{
  g_autoptr (GArray) by_class = g_array_new (FALSE, FALSE, sizeof (gdouble));
  guint annotated = g_hash_table_size (app->dataset->ids);
  AveragePrecision result;

  average_precision (app->dataset->categories, app->dataset->truths,
      app->detections, app->images, &result, by_class);
  g_print ("\n");
  print_measure ("AP", result.ap);
  print_measure ("AP50", result.ap50);
  print_measure ("AP75", result.ap75);
  print_measure ("AP-small", result.ap_small);
  print_measure ("AP-medium", result.ap_medium);
  print_measure ("AP-large", result.ap_large);
  print_measure ("AR100", result.ar100);
  if (app->options->per_class)
    print_classes (app->dataset, by_class);
  if (annotated > app->pictures->len)
    g_print ("\nMeasured on %u of the %u pictures of the annotations.\n",
        app->pictures->len, annotated);
}

static void
print_result (const App * app, gint64 time)
{
  g_print ("%u detections in %u pictures, %.1f s", app->detections->len,
      app->pictures->len, (gdouble) time / G_USEC_PER_SEC);
  if (app->options->output != NULL)
    g_print ("; written to %s", app->options->output);
  g_print ("\n");
  if (app->not_annotated > 0)
    g_print ("%u pictures of the folder are not in the annotations and were "
        "left out.\n", app->not_annotated);
  if (app->dataset != NULL && app->dataset->truths->len > 0)
    print_precision (app);
  else if (app->dataset != NULL)
    g_print ("The annotations have no objects to measure with.\n");
}

static gboolean
evaluate (App * app, GError ** error)
{
  g_autoptr (Inference) inference = make_inference (app->options, error);
  gint64 start = g_get_monotonic_time ();

  if (inference == NULL
      || !inference_start (inference, detection_found, app, error)
      || !push_pictures (app, inference, error)
      || !check_labels (app, error))
    return FALSE;
  if (app->options->output != NULL
      && !detections_write (app->detections, app->options->output, error))
    return FALSE;
  print_result (app, g_get_monotonic_time () - start);
  return TRUE;
}

static gboolean
run (const Options * options, GError ** error)
{
  App app = {.options = options };
  gboolean ok = TRUE;

  g_mutex_init (&app.lock);
  app.pictures = g_array_new (FALSE, FALSE, sizeof (Picture));
  g_array_set_clear_func (app.pictures, clear_picture);
  app.images = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
      NULL);
  app.detections = g_array_new (FALSE, FALSE, sizeof (Detection));
  app.unknown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (options->annotations != NULL)
    ok = (app.dataset = dataset_load (options->annotations, error)) != NULL;
  ok = ok && list_pictures (&app, error) && evaluate (&app, error);

  dataset_free (app.dataset);
  g_hash_table_unref (app.unknown);
  g_array_unref (app.detections);
  g_hash_table_unref (app.images);
  g_array_unref (app.pictures);
  g_mutex_clear (&app.lock);
  return ok;
}

/* ---- the command line ---------------------------------------------------- */

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Options options;
  int status = EXIT_SUCCESS;

  if (!options_parse (&options, &argc, &argv, &error))
    status = TOOL_WRONG_ARGUMENTS;
  else if (!run (&options, &error))
    status = g_error_matches (error, G_OPTION_ERROR,
        G_OPTION_ERROR_BAD_VALUE) ? TOOL_WRONG_ARGUMENTS : EXIT_FAILURE;
  tool_complain (PROGRAM, error);
  options_clear (&options);
  return status;
}
