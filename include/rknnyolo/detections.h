/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading detections off a GstBuffer.
 *
 * A detection is a GstVideoRegionOfInterestMeta.  Its roi_type is the label,
 * its x, y, w and h are pixels of the frame.  The rknnyolo element adds a
 * parameter structure named "detection" (label_id, label, confidence, x_min,
 * x_max, y_min, y_max, model_name); the functions here read it where it is
 * present and do without it where it is not: it is lost when an element
 * converts or scales the frame, and other producers never wrote it.  Models
 * that find more than boxes add structures named "mask", "keypoints" or
 * "oriented-box", which travel with it.
 *
 * Every frame that went through rknnyolo carries, besides, one GstCustomMeta
 * named RKNNYOLO_FRAME_META_NAME, whatever was found and whether or not the
 * frame was inferred.  How the two travel (GStreamer 1.22):
 *
 *                    copy, tee, queue   videoconvert, videoscale
 *   detections       kept               label, id and rectangle (scaled)
 *   "detection"      kept               lost
 *   frame meta       kept               kept, with the new size
 *
 * Nothing here takes a lock or writes to the buffer. */

#ifndef RKNNYOLO_DETECTIONS_H
#define RKNNYOLO_DETECTIONS_H

#include <gst/gst.h>
#include <gst/video/gstvideometa.h>

G_BEGIN_DECLS

/* RKNNYOLO_STATIC: the functions are compiled into the program itself, as the
 * plugin does it, and are not exported from there. */
#if !defined (RKNNYOLO_STATIC) && defined (__GNUC__)
# define RKNNYOLO_API __attribute__ ((visibility ("default")))
#else
# define RKNNYOLO_API
#endif

#define RKNNYOLO_FRAME_META_NAME "RknnyoloFrame"

/* One detection.  Nothing is owned: label lives as long as the process (it is
 * the string of a quark), meta as long as the buffer is not changed. */
typedef struct
{
  gint id;                      /* of the ROI meta: unique within the buffer */
  gint class_id;                /* index of the class, -1 when unknown */
  const gchar *label;           /* never NULL; "" when there is none */
  gdouble confidence;           /* 0..1, negative when unknown */

  /* Rectangle in pixels of the frame, the origin being the top-left corner of
   * the top-left pixel.  Parts of a pixel are known when "detection" is there
   * and agrees with the meta's whole numbers, which otherwise decide.  May
   * reach beyond the frame when the producer said so. */
  gdouble x, y, width, height;

  GstVideoRegionOfInterestMeta *meta;   /* for further parameters */

  gpointer _reserved[4];
} RknnyoloDetection;

/* The pixels of an object, from a segmentation model.  The mask is coarser than
 * the frame: a byte of it stands for some pixels there, 255 times the
 * probability that they belong to the object, which they do from 128 on.
 * Between the middles of its bytes values are to be interpolated; beyond the
 * rectangle there is nothing of the object. */
typedef struct
{
  gdouble x, y, width, height;  /* what it covers, pixels of the frame; may
                                 * reach beyond it */
  gint columns, rows;           /* bytes of the mask, both at least 1 */
  const guint8 *data;           /* columns * rows, row by row; owned by bytes */
  GBytes *bytes;                /* owned by the buffer: to have the mask longer,
                                 * take a reference */

  gpointer _reserved[4];
} RknnyoloMask;

/* A point of an object, from a pose model.  Points of models trained on COCO
 * are 17: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles, of
 * each pair the person's left one first. */
typedef struct
{
  gdouble x, y;                 /* pixels of the frame; may lie beyond it */
  gdouble confidence;           /* 0..1 */
} RknnyoloKeypoint;

/* A rotated box, from an oriented-box model. */
typedef struct
{
  gdouble x, y;                 /* its centre, pixels of the frame */
  gdouble width, height;        /* its longer side (more or less, after the
                                 * frame was scaled) and its other, pixels */
  gdouble rotation;             /* radians from the x axis of the frame to the
                                 * side width, clockwise as one sees it;
                                 * greater than -pi/2, at most pi/2 */
  gdouble corner_x[4], corner_y[4];     /* in turn, pixels of the frame; from
                                         * the first to the second one goes
                                         * along the side width */

  gpointer _reserved[4];
} RknnyoloOrientedBox;

/* What rknnyolo says of a frame as a whole. */
typedef struct
{
  guint64 frame;                /* number of the frame since start, from 0 */
  gboolean inferred;            /* FALSE: the model did not see this frame */
  gint core;                    /* NPU core that ran it, -1 when unknown */
  guint cores;                  /* NPU cores in use */
  guint64 skipped;              /* frames so far that passed without inference
                                 * or were dropped */
  guint64 inference_time;       /* ns; 0 when not inferred */
  const gchar *model;           /* or NULL; owned by the buffer */
  gint width, height;           /* of the frame, in pixels; 0 when unknown */

  gpointer _reserved[4];
} RknnyoloFrameInfo;

/* Registers the frame meta.  Reading and writing call it themselves; call it
 * when the meta is to be found by its name (gst_meta_get_info) earlier than
 * that.  Any thread, any number of times.  NULL only when another meta of the
 * same name is in the way. */
RKNNYOLO_API
const GstMetaInfo *rknnyolo_frame_meta_register (void);

/* Iterates over the detections in the order in which they were added.  *state
 * is NULL at the first call; the buffer must not change in between.  Returns
 * FALSE, and leaves detection as it is, when there are no more. */
RKNNYOLO_API
gboolean rknnyolo_buffer_next_detection (GstBuffer * buffer, gpointer * state,
    RknnyoloDetection * detection);

RKNNYOLO_API
guint rknnyolo_buffer_count_detections (GstBuffer * buffer);

/* What a detection of this buffer has besides its rectangle.  All three return
 * nothing where the producer said nothing, or nothing that makes sense, where
 * nobody knows the size of the frame (neither a GstVideoMeta nor rknnyolo told),
 * and where the rectangle was moved since.  The detection is one of
 * rknnyolo_buffer_next_detection(), with its meta. */

/* Returns FALSE, and leaves mask as it is, when there is none. */
RKNNYOLO_API
gboolean rknnyolo_detection_get_mask (const RknnyoloDetection * detection,
    GstBuffer * buffer, RknnyoloMask * mask);

/* Returns how many keypoints there are, 0 for none, and writes at most n of
 * them. */
RKNNYOLO_API
guint rknnyolo_detection_get_keypoints (const RknnyoloDetection * detection,
    GstBuffer * buffer, RknnyoloKeypoint * keypoints, guint n);

/* Returns FALSE, and leaves box as it is, when there is none. */
RKNNYOLO_API
gboolean rknnyolo_detection_get_oriented_box (const RknnyoloDetection *
    detection, GstBuffer * buffer, RknnyoloOrientedBox * box);

/* Returns FALSE, and leaves info as it is, when the frame never went through
 * rknnyolo. */
RKNNYOLO_API
gboolean rknnyolo_buffer_get_frame_info (GstBuffer * buffer,
    RknnyoloFrameInfo * info);

G_END_DECLS

#endif /* RKNNYOLO_DETECTIONS_H */
